/** Every row of the table about `@hyperswarm/dht-relay` in docs/migrating.md. */
import { createRequire } from 'node:module'
import { createKeyPair, type DhtNode, type Swarm } from '@swarmway/swarm'
import b4a from 'b4a'
import { expect } from 'vitest'
import { ProxyServer } from '../../../../proxy-server/src/index.js'
import { freshTopic } from '../../../../runtime/test/support/topics.js'
import { until } from '../../../../runtime/test/support/until.js'
import { testRows } from '../../../../swarm/test/support/migrating.js'
import type { Connection, RemoteDht } from '../../../src/index.js'
import { connectionBetween, createRig, type RigClientOptions, useTestnet } from '../../support/rig.js'
import { LinkControl } from '../../support/tap.js'
import { TRANSPORTS, type Transport } from '../../support/transports.js'
import { keep } from './support.js'

const require = createRequire(import.meta.url)
const Hyperswarm = require('hyperswarm') as typeof Swarm
const HyperDHT = require('hyperdht') as { keyPair(seed: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array } }

const testnet = useTestnet()

/** A client, its node, and a native peer. */
async function createPair(options: RigClientOptions = {}, transport?: Transport) {
  const rig = await createRig({ testnet: testnet(), ...(transport && { transport }) })
  const swarm = rig.createSwarm(options)
  return { rig, swarm, dht: swarm.dht as RemoteDht, native: rig.createNative() }
}

/** The client and a native peer meet on a topic. */
async function meetOver(transport: Transport | undefined): Promise<void> {
  expect(transport).toBeDefined()
  const { swarm, native } = await createPair({}, transport)
  const topic = freshTopic()
  await native.join(topic).flushed()
  swarm.join(topic)
  await connectionBetween(swarm, native)
}

/** The keys that a query finds. */
async function keysAt(topic: Uint8Array): Promise<string[]> {
  const found: string[] = []
  const node = testnet().createNode() as DhtNode
  for await (const { peers } of node.lookup(topic))
    found.push(...peers.map(({ publicKey }) => b4a.toString(publicKey, 'hex')))
  await node.destroy()
  return found
}

/** Dials a server of the client's node with a key pair, and returns the key that it saw. */
async function dialled(dht: RemoteDht, native: Swarm): Promise<Uint8Array> {
  await native.listen()
  const seen = new Promise<Connection>((resolve) => native.once('connection', resolve))
  const connection = dht.connect(native.keyPair.publicKey, { keyPair: createKeyPair(b4a.alloc(32, 3)) })
  connection.on('error', () => {})
  return (await seen).remotePublicKey
}

testRows('@hyperswarm/dht-relay', {
  'relay(dht, stream)': async () => {
    const { rig, swarm } = await createPair()
    await until('a client of the server', () => rig.server instanceof ProxyServer && swarm.connected)
    expect(rig.server.dht).not.toBe(null)
  },
  'dht-relay/ws': () => meetOver(TRANSPORTS['a WebSocket']),
  'dht-relay/tcp': () => meetOver(TRANSPORTS['TCP']),
  'stream (of the node)': async () => {
    const control = new LinkControl()
    const { swarm, native } = await createPair({ control })
    native.on('connection', (one) => one.on('data', (data: Uint8Array) => one.write(data)))
    await native.listen()
    const connection = await swarm.connect(native.keyPair.publicKey)
    control.cut()
    const answer = new Promise<Uint8Array>((resolve) => connection.once('data', resolve))
    connection.write(b4a.from('hello'))
    expect(b4a.toString(await answer)).toBe('hello')
    expect(control.opened).toBe(2)
  },
  custodial: async () => {
    const control = new LinkControl()
    control.record = true
    const { swarm } = await createPair({ control })
    await swarm.join(freshTopic()).flushed()
    const { sent } = control.recorded
    expect(sent.length).toBeGreaterThan(0)
    expect(b4a.includes(sent, swarm.keyPair.secretKey.subarray(0, 32))).toBe(false)
  },
  'keyPair (option)': async () => {
    const keyPair = createKeyPair()
    expect((await createPair({ keyPair })).swarm.keyPair.publicKey).toEqual(keyPair.publicKey)
  },
  'DHT.keyPair(seed)': () => {
    const seed = b4a.alloc(32, 7)
    expect(createKeyPair(seed).publicKey).toEqual(HyperDHT.keyPair(seed).publicKey)
  },
  'new Hyperswarm({ dht })': async () => {
    const { dht, native } = await createPair()
    const swarm = keep(new Hyperswarm({ dht, keyPair: createKeyPair() }))
    swarm.on('connection', (one) => one.on('error', () => {}))
    const topic = freshTopic()
    await native.join(topic).flushed()
    swarm.join(topic)
    await connectionBetween(swarm, native)
  },
  'dht.defaultKeyPair': async () => {
    const { swarm, dht } = await createPair()
    expect(dht.defaultKeyPair.publicKey).toEqual(swarm.keyPair.publicKey)
  },
  'dht.connect(publicKey, options)': async () => {
    const { dht, native } = await createPair()
    expect(await dialled(dht, native)).toEqual(createKeyPair(b4a.alloc(32, 3)).publicKey)
  },
  'dht.createServer(options, listener)': async () => {
    const { dht, native } = await createPair()
    const accepted: Connection[] = []
    const server = dht.createServer({ firewall: () => false }, (one) => accepted.push(one.on('error', () => {})))
    const keyPair = createKeyPair()
    await server.listen(keyPair)
    await native.connect(keyPair.publicKey)
    await until('it is accepted', () => accepted.length === 1)
  },
  'dht.lookup(topic)': async () => {
    const { dht, native } = await createPair()
    const topic = freshTopic()
    await native.join(topic).flushed()
    const found: Uint8Array[] = []
    for await (const { peers } of dht.lookup(topic)) found.push(...peers.map(({ publicKey }) => publicKey))
    expect(found).toContainEqual(native.keyPair.publicKey)
  },
  'dht.announce(topic, keyPair)': async () => {
    const { dht } = await createPair()
    const [topic, keyPair] = [freshTopic(), createKeyPair()]
    await dht.announce(topic, keyPair).finished()
    expect(await keysAt(topic)).toContain(b4a.toString(keyPair.publicKey, 'hex'))
  },
  'dht.unannounce(topic, keyPair)': async () => {
    const { dht } = await createPair()
    const [topic, keyPair] = [freshTopic(), createKeyPair()]
    await dht.announce(topic, keyPair).finished()
    await dht.unannounce(topic, keyPair)
    expect(await keysAt(topic)).toEqual([])
  },
  'dht.ready()': async () => {
    const { swarm, dht } = await createPair()
    await dht.ready()
    expect(swarm.connected).toBe(true)
  },
  'dht.destroy()': async () => {
    const control = new LinkControl()
    const { swarm, dht } = await createPair({ control })
    await dht.ready()
    await swarm.destroy()
    await until('the link is closed', () => control.live === 0)
  }
})
