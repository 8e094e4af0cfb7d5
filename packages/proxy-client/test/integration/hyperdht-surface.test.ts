/**
 * `proxyClient.dht` in the hands of packages made for a HyperDHT node: each public member of HyperDHT is there and
 * works, or says that it does not.
 */
import { createRequire } from 'node:module'
import { createKeyPair, type KeyPair } from '@swarmway/swarm'
import b4a from 'b4a'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import type { Connection, RemoteDht } from '../../src/index.js'
import { RemoteNode } from '../../src/node/remote-node.js'
import type { RemoteQuery } from '../../src/node/remote-query.js'
import { createRig, type Network, useTestnet } from '../support/rig.js'

const require = createRequire(import.meta.url)
const HyperDHT = require('hyperdht') as { prototype: object }
const HyperDhtStats = require('hyperdht-stats') as new (dht: object) => { toJson(): Record<string, unknown> }

const testnet = useTestnet(6)

/** What packages call, as a proxy client has it. */
type Surface = RemoteDht

/** The same without types, as plain JavaScript sees it. */
type Loose = Record<string, (...args: unknown[]) => unknown>

async function createNodes(): Promise<{ rig: Network; proxied: Surface; native: Surface }> {
  const rig = await createRig({ testnet: testnet() })
  const native = testnet().createNode() as unknown as Surface
  onTestFinished(() => native.destroy())
  return { rig, proxied: rig.createSwarm().dht, native }
}

function echo(connection: Connection): void {
  connection.on('error', () => {})
  connection.on('data', (data: Uint8Array) => connection.write(data))
}

async function echoed(connection: Connection): Promise<string> {
  const answer = new Promise<Uint8Array>((resolve, reject) => connection.once('data', resolve).once('error', reject))
  connection.write(b4a.from('hello'))
  const text = b4a.toString(await answer)
  connection.destroy()
  return text
}

describe('connect and createServer without a swarm', () => {
  test.each(['proxied', 'native'] as const)('a %s server, dialled by either', async (kind) => {
    const { [kind]: node, proxied, native } = await createNodes()
    const keyPair = createKeyPair()
    const server = node.createServer(echo)
    await server.listen(keyPair)
    expect(server.publicKey).toEqual(keyPair.publicKey)
    expect(server.address()).toMatchObject({ publicKey: keyPair.publicKey })
    expect(await echoed(proxied.connect(keyPair.publicKey))).toBe('hello')
    expect(await echoed(native.connect(b4a.toString(keyPair.publicKey, 'hex')))).toBe('hello')
    await server.close()
    expect(node.listening.size).toBe(0)
  })

  test('the key is text, and dials take a key pair of their own, which a firewall sees', async () => {
    const { proxied } = await createNodes()
    const [welcome, stranger, keyPair] = [createKeyPair(), createKeyPair(), createKeyPair()]
    const firewall = (publicKey: Uint8Array) => !b4a.equals(publicKey, welcome.publicKey)
    const server = proxied.createServer({ firewall }).on('connection', echo)
    await server.listen(keyPair)
    const key = b4a.toString(keyPair.publicKey, 'hex')
    expect(await echoed(proxied.connect(key, { keyPair: welcome }))).toBe('hello')
    await expect(echoed(proxied.connect(key, { keyPair: stranger }))).rejects.toMatchObject({
      code: 'PEER_CONNECTION_FAILED'
    })
    expect(() => proxied.connect('not a key')).toThrowError(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })

  test('a server listens on one key, and a key has one server', async () => {
    const { proxied } = await createNodes()
    const [first, second] = [proxied.createServer(), proxied.createServer({}, echo)]
    const events: string[] = []
    first.on('listening', () => events.push('listening')).on('close', () => events.push('close'))
    await first.listen()
    expect(first.publicKey).toEqual(proxied.defaultKeyPair.publicKey)
    await expect(first.listen(createKeyPair())).rejects.toMatchObject({ code: 'ALREADY_LISTENING' })
    await expect(second.listen()).rejects.toMatchObject({ code: 'KEYPAIR_ALREADY_USED' })
    await first.close()
    expect(events).toEqual(['listening', 'close'])
    await expect(first.listen()).rejects.toMatchObject({ code: 'DESTROYED' })
    await second.listen()
  })
})

describe('a bad argument', () => {
  const keyPair = createKeyPair()
  const calls: [string, (node: Loose) => unknown][] = [
    ['connect, keyPair', (node) => node['connect']?.(keyPair.publicKey, { keyPair: { publicKey: 1 } })],
    ['listen', (node) => (node['createServer']?.() as Loose | undefined)?.['listen']?.({ publicKey: 1 })],
    ['lookup', (node) => node['lookup']?.('topic')],
    ['announce, topic', (node) => node['announce']?.(b4a.alloc(31), keyPair)],
    ['announce, keyPair', (node) => node['announce']?.(b4a.alloc(32))],
    ['unannounce', (node) => node['unannounce']?.(b4a.alloc(32))],
    ['findPeer', (node) => node['findPeer']?.('key')],
    ['mutablePut, keyPair', (node) => node['mutablePut']?.(undefined, b4a.alloc(1))],
    ['mutablePut, text', (node) => node['mutablePut']?.(keyPair, 'text')],
    // It resolved, although nothing was stored that could be read.
    ['mutablePut, seq', (node) => node['mutablePut']?.(keyPair, b4a.alloc(1), { seq: 1.5 })],
    ['mutableGet', (node) => node['mutableGet']?.('key')],
    ['immutablePut', (node) => node['immutablePut']?.('text')],
    ['immutableGet', (node) => node['immutableGet']?.(b4a.alloc(31))]
  ]

  test.each(calls)('%s: is refused by the call that names it', async (_, call) => {
    const rig = await createRig({ testnet: null })
    const node = rig.createSwarm().dht as unknown as Loose
    await expect(async () => call(node)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', name: 'TypeError' })
  })

  test('of `listen` does not break the servers of the node', async () => {
    // The server was among those that listen all the same, and looking for the one that was dialled failed at its key.
    const { proxied } = await createNodes()
    const bad = proxied.createServer() as unknown as Loose
    await expect(async () => bad['listen']?.({ publicKey: 1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    const server = proxied.createServer(echo)
    await server.listen(keyPair)
    expect(await echoed(proxied.connect(keyPair.publicKey))).toBe('hello')
  })
})

describe('announcing a key that nobody listens on', () => {
  test('is seen by native nodes and by other clients, until it is withdrawn', async () => {
    const { native, proxied, rig } = await createNodes()
    const other = rig.createSwarm().dht
    const [topic, keyPair] = [freshTopic(), createKeyPair()]
    await proxied.announce(topic, keyPair).finished()
    expect(await keysOn(native, topic)).toEqual([b4a.toString(keyPair.publicKey, 'hex')])
    expect(await keysOn(other, topic)).toEqual([b4a.toString(keyPair.publicKey, 'hex')])
    await proxied.unannounce(topic, keyPair)
    expect([await keysOn(native, topic), await keysOn(other, topic)]).toEqual([[], []])
  })

  test('takes a signature also where there is no DHT', async () => {
    const rig = await createRig({ testnet: null })
    const [a, b] = [rig.createSwarm().dht, rig.createSwarm().dht]
    const [topic, held] = [freshTopic(), createKeyPair()]
    await a.announce(topic, held).finished()
    const foreign = { publicKey: createKeyPair().publicKey, secretKey: createKeyPair().secretKey }
    await expect(a.announce(topic, foreign).finished()).rejects.toMatchObject({ code: 'AUTH_DENIED' })
    expect(await keysOn(b, topic)).toEqual([b4a.toString(held.publicKey, 'hex')])
  })

  test('counts as an announcement of the client', async () => {
    const rig = await createRig({ testnet: null, server: { limits: { maxTopics: 2 } } })
    const node = rig.createSwarm().dht
    const topic = freshTopic()
    for (let i = 0; i < 2; i++) await node.announce(topic, createKeyPair()).finished()
    await expect(node.announce(topic, createKeyPair()).finished()).rejects.toMatchObject({ code: 'LIMIT' })
  })
})

describe('queries and records', () => {
  test('a query emits its replies, and findPeer replies peer by peer', async () => {
    const { proxied, native } = await createNodes()
    const server = native.createServer()
    const keyPair = createKeyPair()
    await server.listen(keyPair)
    const query = proxied.findPeer(keyPair.publicKey) as unknown as RemoteQuery
    const replies: unknown[] = []
    await new Promise<void>((resolve) => {
      query.on('data', (reply) => replies.push(reply)).on('end', () => resolve())
    })
    expect(replies).toContainEqual(expect.objectContaining({ peer: expect.objectContaining(keyOf(keyPair)) }))
  })

  test('records written on one side are read on the other', async () => {
    const { proxied, native } = await createNodes()
    const keyPair = createKeyPair()
    await proxied.mutablePut(keyPair, b4a.from('mutable'), { seq: 1 })
    expect(await native.mutableGet(keyPair.publicKey)).toMatchObject({ seq: 1, value: b4a.from('mutable') })
    const { hash } = (await native.immutablePut(b4a.from('immutable'))) as { hash: Uint8Array }
    expect(await proxied.immutableGet(hash)).toMatchObject({ value: b4a.from('immutable') })
  })
})

describe('what describes the node', () => {
  test('hyperdht-stats reads all of its figures', async () => {
    const { proxied } = await createNodes()
    await proxied.lookup(freshTopic()).finished()
    const figures = Object.entries(new HyperDhtStats(proxied).toJson())
    expect(figures.length).toBeGreaterThan(10)
    expect(JSON.stringify(figures)).not.toMatch(/undefined|NaN/)
    expect((proxied as unknown as { stats: object }).stats).toMatchObject({ queries: { active: 0, total: 1 } })
  })

  test('is ready with its first session', async () => {
    const { proxied } = await createNodes()
    await proxied.ready()
    expect([proxied.bootstrapped, proxied.online]).toEqual([true, true])
  })

  test('names no socket, no address and no nodes, and counts no packets', () => {
    const members = { id: null, host: null, port: 0, ephemeral: true, firewalled: true, randomized: false }
    return createNodes().then(({ proxied }) => {
      expect(proxied).toMatchObject({
        ...members,
        io: { clientSocket: null },
        bootstrapNodes: [],
        nodes: { length: 0 }
      })
      const calls = proxied as unknown as Record<
        'address' | 'localAddress' | 'remoteAddress' | 'toArray',
        () => unknown
      >
      expect([calls.address(), calls.localAddress(), calls.remoteAddress(), calls.toArray()]).toEqual([
        null,
        null,
        null,
        []
      ])
    })
  })
})

describe('every public method of HyperDHT', () => {
  /** Those that a subclass of dht-rpc overrides or hears, not called from outside. */
  const HOOKS = ['constructor', 'onmessage', 'onrequest', 'config', 'socket', 'refresh']
  const names = [HyperDHT.prototype, Object.getPrototypeOf(HyperDHT.prototype) as object]
    .flatMap((prototype) => Object.getOwnPropertyNames(prototype))
    .filter((name) => !name.startsWith('_') && !HOOKS.includes(name))

  test.each([...new Set(names)])('%s is there, or refuses with a code', (name) => {
    const own = RemoteNode.prototype as unknown as Record<string, unknown>
    expect(name in own || DATA_MEMBERS.includes(name)).toBe(true)
  })

  test('what takes a socket or a routing table refuses with NOT_SUPPORTED', async () => {
    const { proxied } = await createNodes()
    const node = proxied as unknown as Record<string, () => unknown>
    for (const name of ['ping', 'query', 'request', 'createRawStream', 'pool', 'register', 'addNode', 'findNode'])
      expect(() => node[name]?.(), name).toThrowError(expect.objectContaining({ code: 'NOT_SUPPORTED' }))
  })
})

/** Members that each node has as its own properties. */
const DATA_MEMBERS = ['id', 'host', 'port', 'randomized']

async function keysOn(node: Surface, topic: Uint8Array): Promise<string[]> {
  const keys = new Set<string>()
  for await (const { peers } of node.lookup(topic))
    for (const { publicKey } of peers) keys.add(b4a.toString(publicKey, 'hex'))
  return [...keys]
}

function keyOf({ publicKey }: KeyPair): { publicKey: Uint8Array } {
  return { publicKey }
}
