/**
 * Hostile bytes ended the process, because HyperDHT throws where nothing catches. Each test covers one such place and
 * ends with an honest peer that still gets through; an uncaught error fails the run.
 */
import { createRequire } from 'node:module'
import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { guardNode } from '../../src/native/guard/guard-node.js'
import type { Connection } from '../../src/network/connection.js'
import type { ServerOptions } from '../../src/network/dht-node.js'
import {
  addressOf,
  COMMAND,
  encodedPayload,
  firstMessage,
  handshakeMessage,
  MODE,
  type RawNode,
  relayFor,
  sending
} from '../support/hostile-peer.js'
import { HyperDHT, hex, ignore, like, nextConnection, Testnet } from './support.js'

const require = createRequire(import.meta.url)
const { hash } = require('hypercore-crypto') as { hash(bytes: Uint8Array): Uint8Array }

const OPEN = 1
const NOWHERE = { host: '5.5.5.7', port: 0 }
const CLOSED_PORT = { host: '127.0.0.1', port: 9 }
const testnet = Testnet.use()

test('a peer whose payload leads to port 0 fails only the dial to it', async () => {
  const node = unguarded()
  const payload = encodedPayload({ firewall: OPEN, addresses4: [NOWHERE] })
  await serve(node, { createHandshake: sending(() => payload) })
  // Through another node: a peer that is asked directly is connected to at the address it answered from.
  const swarm = testnet.swarm()
  await expect(swarm.connect(node.defaultKeyPair.publicKey)).rejects.toMatchObject({ code: 'HANDSHAKE_INVALID' })
  await expectToDial(swarm)
})

test('a node that claims a peer is at port 0 fails only the dial through it', async () => {
  const [relay, keyPair] = [unguarded(), HyperDHT.keyPair()]
  await relay.fullyBootstrapped()
  const to = relayFor(relay, keyPair, {
    payload: () => encodedPayload({ firewall: OPEN }),
    reply: (noise) => handshakeMessage(MODE.reply, noise, { host: '127.0.0.1', port: 0 })
  })
  const dialler = guardedNode()
  expect(await codeOf(dialler.connect(keyPair.publicKey, { relayAddresses: [to] }))).toMatch(/^PEER_/)
})

test('a node that claims a dialling peer is at port 0 leaves nothing behind at the server', async () => {
  const swarm = testnet.swarm()
  await swarm.listen()
  const peer = unguarded()
  await peer.fullyBootstrapped()
  const to = addressOf(swarm.dht as RawNode)
  const target = hash(swarm.keyPair.publicKey)
  const handshakes = Array.from({ length: 5 }, () => {
    const payload = encodedPayload({ firewall: OPEN })
    const noise = firstMessage(HyperDHT.keyPair(), swarm.keyPair.publicKey, payload)
    // As a relaying node would send it.
    const value = handshakeMessage(MODE.fromRelay, noise, { host: '127.0.0.1', port: 0 })
    return peer.request({ command: COMMAND.handshake, target, value }, to, { retry: false }).catch(ignore)
  })
  await expectToAccept(swarm)
  await Promise.all(handshakes)
  // At most those of the honest peer's connection.
  expect((swarm.dht as RawNode).rawStreams.size).toBeLessThan(3)
})

const UNDECIDED = {
  error: 0,
  firewall: 0,
  round: 0,
  connected: false,
  punching: false,
  addresses: null,
  remoteAddress: null,
  token: null,
  remoteToken: null
}

test('a relay chosen by a peer is disconnected when it sends nested batches', async () => {
  const relay = unguarded()
  let hungUp = false
  await serve(relay, {}, (connection) => {
    connection.once('open', () => connection.write(nestedBatches(20_000)))
    connection.once('close', () => {
      hungUp = true
    })
  })
  const node = unguarded()
  const relayThrough = { publicKey: relay.defaultKeyPair.publicKey, token: b4a.alloc(32) }
  // Only through the relay: its payload offers no other way, and it is not asked directly.
  const payload = encodedPayload({ relayThrough, holepunch: null })
  await serve(node, { createHandshake: sending(() => payload) })
  const swarm = testnet.swarm({ dht: testnet.node({ quickFirewall: false }) })
  const outcome = swarm.connect(node.defaultKeyPair.publicKey).catch(ignore)
  await until('the relay to be hung up on', () => hungUp)
  await swarm.disconnect(node.defaultKeyPair.publicKey)
  await outcome
  await expectToDial(swarm)
})

/** A message for Protomux: a batch within a batch within a batch. */
function nestedBatches(depth: number): Uint8Array {
  const parts: Uint8Array[] = []
  let length = 1
  for (let i = 0; i < depth; i++) {
    const head = b4a.concat([b4a.from([0, 0]), uint(length)])
    parts.push(head)
    length += head.byteLength
  }
  return b4a.concat([b4a.from([0]), ...parts.reverse(), b4a.from([0])])
}

function uint(value: number): Uint8Array {
  if (value < 0xfd) return Uint8Array.of(value)
  const bytes = b4a.alloc(value < 0x10000 ? 3 : 5)
  bytes[0] = value < 0x10000 ? 0xfd : 0xfe
  for (let i = 1, rest = value; i < bytes.byteLength; i++, rest = Math.floor(rest / 256)) bytes[i] = rest % 256
  return bytes
}

test('only a few of the relay addresses that a peer names are kept', async () => {
  const node = unguarded()
  const relayAddresses = Array.from({ length: 200 }, (_, i) => ({ host: '5.5.5.7', port: i }))
  const payload = encodedPayload({ relayAddresses })
  await serve(node, { createHandshake: sending(() => payload) })
  const dialler = guardedNode()
  const dial = dialler.connect(node.defaultKeyPair.publicKey, { relayAddresses: [addressOf(node)] })
  dial.on('error', ignore)
  const key = hex(node.defaultKeyPair.publicKey)
  await until('the addresses to be kept', () => dialler._relayAddressesCache.get(key) !== null)
  const kept = dialler._relayAddressesCache.get(key) ?? []
  expect(kept).toHaveLength(16)
  expect(kept).not.toContainEqual({ host: '5.5.5.7', port: 0 })
  dial.destroy()
})

test('a process without file descriptors fails only the hole punch', async () => {
  const [relay, keyPair] = [unguarded(), HyperDHT.keyPair()]
  await relay.fullyBootstrapped()
  const here = addressOf(relay)
  const to = relayFor(relay, keyPair, {
    payload: () => encodedPayload({ holepunch: { id: 0, relays: [{ relayAddress: here, peerAddress: CLOSED_PORT }] } }),
    reply: (noise) => handshakeMessage(MODE.reply, noise, CLOSED_PORT),
    punch: (seal) => seal({ ...UNDECIDED, error: 1 })
  })
  const node = testnet.node({ quickFirewall: false }) as unknown as RawNode
  const pool = (node as unknown as { _socketPool: { acquire(): unknown } })._socketPool
  pool.acquire = () => {
    throw new Error('too many open files')
  }
  guardNode(node)
  expect(await codeOf(node.connect(keyPair.publicKey, { relayAddresses: [to] }))).toBe('HOLEPUNCH_ABORTED')
})

test('a stream that cannot connect fails and does not throw', async () => {
  const node = guardedNode()
  await node.fullyBootstrapped()
  const streams = node as unknown as { createRawStream(options: object): RawStream; socket: object }
  const stream = streams.createRawStream({ firewall: () => false })
  const failure = new Promise((resolve) => stream.on('error', resolve))
  stream.connect(streams.socket, 1, 0, '127.0.0.1')
  expect(await failure).toMatchObject({ code: 'HANDSHAKE_INVALID' })
  // A stream without a target to change to stays unchanged.
  const other = streams.createRawStream({ firewall: () => false })
  other.connect(streams.socket, 1, 9, '127.0.0.1')
  await expect(other.changeRemote(streams.socket, 1, 0, '127.0.0.1')).rejects.toMatchObject({
    code: 'HANDSHAKE_INVALID'
  })
  expect(other.destroying).toBe(false)
  other.destroy()
})

interface RawStream {
  readonly destroying: boolean
  connect(socket: object, id: number, port: number, host: string): void
  changeRemote(socket: object, id: number, port: number, host: string): Promise<void>
  on(event: 'error', listener: (error: Error) => void): void
  destroy(): void
}

test('a request that throws in the node gets no answer', async () => {
  const node = unguarded() as RawNode & { onrequest(request: object): boolean }
  node.onrequest = () => {
    throw new RangeError('something that no version does yet')
  }
  guardNode(node)
  await expectNoAnswer(node)
})

test('nor does one that throws in its router', async () => {
  const node = unguarded()
  node._router.onpeerhandshake = () => Promise.reject(new RangeError('something that no version does yet'))
  guardNode(node)
  await expectNoAnswer(node)
})

test('nor does one that throws in a server', async () => {
  const node = unguarded()
  const createHandshake = () => {
    throw new TypeError('something that no server of ours does')
  }
  await serve(node, { createHandshake })
  // It is already listening when a swarm borrows the node.
  guardNode(node)
  await expectNoAnswer(node)
})

async function expectNoAnswer(node: RawNode): Promise<void> {
  await node.fullyBootstrapped()
  const target = hash(node.defaultKeyPair.publicKey)
  const message = { command: COMMAND.handshake, target, value: handshakeMessage(MODE.fromClient, b4a.alloc(100)) }
  const answer = unguarded().request(message, addressOf(node), { retry: false })
  await expect(answer).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' })
}

/** The canary: a member renamed by another version is no longer guarded, and that must not go unnoticed. */
test('every guarded member exists in this version of HyperDHT', () => {
  const node = unguarded() as RawNode & { createRawStream: object }
  expect(guardNode(node)).toEqual([])
  const { createRawStream } = node
  expect(guardNode(node)).toEqual([])
  expect(node.createRawStream).toBe(createRawStream)
})

test('in another version, existing members are guarded and missing ones are named', () => {
  const node = { createRawStream: ignore, connect: ignore, _router: { peerHandshake: ignore } }
  const { createRawStream } = node
  const missing = guardNode(node)
  expect(missing).toEqual(expect.arrayContaining(['onrequest', '_socketPool.acquire', '_router.get']))
  expect(missing).not.toContain('_router.peerHandshake')
  expect(node.createRawStream).not.toBe(createRawStream)
  // Not a HyperDHT node at all.
  expect(guardNode({ connect: ignore })).toEqual(['createRawStream'])
})

/** Accepts on the node's own key. */
async function serve(
  node: RawNode,
  options: ServerOptions,
  onConnection: (connection: Connection) => void = ignore
): Promise<void> {
  const server = node.createServer(options, (connection) => {
    connection.on('error', ignore)
    onConnection(connection)
  })
  await server.listen(node.defaultKeyPair)
  // Otherwise its timers stay.
  onTestFinished(() => server.close())
}

function unguarded(): RawNode {
  return testnet.node() as unknown as RawNode
}

function guardedNode(options: object = {}): RawNode {
  const node = testnet.node(options) as unknown as RawNode
  guardNode(node)
  return node
}

function codeOf(connection: Connection): Promise<string> {
  return new Promise((resolve) =>
    connection.once('error', (error) => resolve((error as Error & { code: string }).code))
  )
}

/** An honest peer still gets through to the swarm. */
async function expectToAccept(swarm: ReturnType<Testnet['swarm']>): Promise<void> {
  const met = nextConnection(like(swarm))
  const peer = testnet.swarm()
  await peer.connect(swarm.keyPair.publicKey)
  await met
}

/** The swarm still gets through to an honest peer. */
async function expectToDial(swarm: ReturnType<Testnet['swarm']>): Promise<void> {
  const peer = testnet.swarm()
  await peer.listen()
  await swarm.connect(peer.keyPair.publicKey)
}
