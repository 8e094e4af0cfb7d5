import { createSocket } from 'node:dgram'
import {
  bytesBody,
  CLIENT_REQUEST,
  keyBody,
  maybeBytesBody,
  mutableGetBody,
  mutablePutBody,
  mutableResultBody,
  peersBody,
  SERVER_REQUEST,
  VERDICT
} from '@swarmway/proxy-protocol'
import { createKeyPair } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { pause, until } from '../../../runtime/test/support/until.js'
import { ignoreWindows } from '../../../swarm/test/support/ignore-window.js'
import { hashOf } from '../../src/dht/native.js'
import type { ProxyServerOptions } from '../../src/index.js'
import { signMutable } from '../support/crypto.js'
import { makeServer } from '../support/servers.js'
import { codeOf, hex, keysOf, TestClient, topicOf } from '../support/test-client.js'
import { HOST, type NativeNode, type NativeStream, testnet } from '../support/testnet.js'

async function proxied(options: ProxyServerOptions = {}) {
  const net = await testnet()
  const server = makeServer({ bootstrap: net.bootstrap, host: HOST, ...options })
  return { net, server, client: await TestClient.connect(server) }
}

async function nativeServer(node: NativeNode) {
  const keyPair = createKeyPair()
  const accepted: NativeStream[] = []
  const server = node.createServer((stream) => accepted.push(stream.on('error', () => {})))
  await server.listen(keyPair)
  return { keyPair, accepted, server }
}

test('a client dials a native peer: end-to-end handshake, bytes both ways, both half-close', async () => {
  const { client, net, server } = await proxied()
  const native = await nativeServer(net.node())
  const stream = await client.dial(native.keyPair.publicKey)
  expect(client.handshakeOf(stream).complete).toBe(true)
  // On a local network, HyperDHT's server reports a connection when the first byte arrives. One byte will do: it is
  // shorter than the length with which a secret stream begins.
  stream.write(new Uint8Array(1))
  await until(() => native.accepted.length === 1)
  expect(hex(native.accepted[0]?.remotePublicKey as Uint8Array)).toBe(hex(client.keyPair.publicKey))
  // The native side's secret stream has sent its header; the scripted client has no secret stream to answer it.
  const header = await new Promise<Uint8Array>((resolve) => stream.once('data', resolve))
  expect(header.byteLength).toBeGreaterThan(32)
  expect(server.stats).toMatchObject({ dhtConnections: 1, streams: 1, splices: 0 })
  const closed = new Promise<void>((resolve) => native.accepted[0]?.once('close', resolve))
  stream.destroy()
  await closed
})

test('a native peer dials a client', async () => {
  const { client, net, server } = await proxied()
  await client.listen()
  const native = net.node().connect(client.keyPair.publicKey)
  native.on('error', () => {})
  await until(() => client.accepted.length === 1)
  const [stream] = client.accepted
  expect(client.handshakeOf(stream as never).complete).toBe(true)
  expect(server.stats.dhtConnections).toBe(1)
  const ended = new Promise((resolve) => stream?.once('error', resolve))
  native.destroy()
  expect(await ended).toMatchObject({ code: 'STREAM_RESET' })
})

test('a native peer that the client refuses or ignores gets no connection', async () => {
  const { client, net } = await proxied()
  await client.listen()
  const node = net.node()
  const outcome = () => {
    const stream = node.connect(client.keyPair.publicKey)
    return new Promise<string>((resolve) =>
      stream.on('error', ((error: { code: string }) => resolve(error.code)) as never)
    )
  }
  client.verdict = VERDICT.REFUSE
  expect(await outcome()).toBe('SERVER_ERROR')
  client.verdict = VERDICT.IGNORE
  const ignored = outcome()
  await until(() => client.asked.filter((op) => op === SERVER_REQUEST.ACCEPT_RECV).length === 2)
  await pause(50)
  expect(client.accepted).toEqual([])
  await node.destroy()
  await ignored
})

test('malformed answers end dials and sessions with codes, but not the process', async () => {
  const { net, server } = await proxied()
  const native = await nativeServer(net.node())
  const empty = new Uint8Array(0)
  for (const answer of [() => empty, () => new Uint8Array(100), () => Promise.reject(new RangeError('mine'))]) {
    const client = await TestClient.connect(server, {
      onRequest: (op) => (op === SERVER_REQUEST.SIGN ? undefined : answer())
    })
    expect(['PROTOCOL_ERROR', 'INTERNAL', 'PEER_CONNECTION_FAILED']).toContain(
      await codeOf(client.dial(native.keyPair.publicKey))
    )
    const listening = await TestClient.connect(server, {
      onRequest: (op) => (op === SERVER_REQUEST.SIGN ? undefined : answer())
    })
    await listening.listen()
    const stream = net.node().connect(listening.keyPair.publicKey)
    stream.on('error', () => {})
    await until(() => listening.asked.includes(SERVER_REQUEST.ACCEPT_RECV))
    stream.destroy()
  }
  expect(server.stats.dhtConnections).toBe(0)
})

test('dials without a peer and cancelled dials end with their codes', async () => {
  const { client, net } = await proxied()
  expect(await codeOf(client.dial(createKeyPair().publicKey))).toBe('PEER_NOT_FOUND')
  const native = await nativeServer(net.node())
  const slow = codeOf(client.dial(native.keyPair.publicKey))
  client.cancelLastDial()
  expect(await slow).toBe('ABORTED')
  expect(native.accepted).toEqual([])
})

test('native peers find what a client announces, until it is withdrawn', async () => {
  const { client, net, server } = await proxied()
  const topic = topicOf(20)
  await client.listen()
  const node = net.node()
  const native = createKeyPair()
  await node.announce(topic, native, []).finished()
  expect(keysOf(await client.announce(topic))).toEqual([hex(native.publicKey)])
  const lookup = async () => {
    const found = new Set<string>()
    for await (const { peers } of node.lookup(topic)) for (const { publicKey } of peers) found.add(hex(publicKey))
    return [...found].sort()
  }
  expect(await lookup()).toEqual([hex(client.keyPair.publicKey), hex(native.publicKey)].sort())
  await client.unannounce(topic)
  expect(await lookup()).toEqual([hex(native.publicKey)])
  expect(server.stats.announces).toBe(1)
})

test('lookups of a topic are shared while in progress and just after their end', async () => {
  const clock = new FakeClock()
  const { client, net, server } = await proxied({ lookupCacheMs: 60, clock })
  const topic = topicOf(21)
  const native = createKeyPair()
  await net.node().announce(topic, native, []).finished()
  const others = await Promise.all(Array.from({ length: 20 }, () => TestClient.connect(server)))
  const found = await Promise.all([client, ...others].map((one) => one.lookup(topic)))
  expect(found.map(keysOf)).toEqual(found.map(() => [hex(native.publicKey)]))
  expect(await client.lookup(topic)).toHaveLength(1)
  expect(server.stats).toMatchObject({ lookupsMade: 1, lookupsShared: 21 })
  await clock.advance(60)
  await client.lookup(topic)
  expect(server.stats.lookupsMade).toBe(2)
})

test('a lookup ends when all clients have cancelled it, and continues when only some have', async () => {
  const { client, server } = await proxied()
  const other = await TestClient.connect(server)
  const [first, second] = [codeOf(client.lookup(topicOf(22))), codeOf(other.lookup(topicOf(22)))]
  client.cancelLastQuery()
  expect(await first).toBe('ABORTED')
  expect(await second).toBe('none')
  const third = codeOf(client.lookup(topicOf(23)))
  client.cancelLastQuery()
  expect(await third).toBe('ABORTED')
  expect(server.stats.queriesRunning).toBe(0)
})

test('maxQueries refuses one more', async () => {
  const { client } = await proxied({ limits: { maxQueries: 1, maxDhtQueries: 1 } })
  const first = client.lookup(topicOf(24))
  expect(await codeOf(client.lookup(topicOf(25)))).toBe('LIMIT')
  expect(await codeOf(client.session.request(CLIENT_REQUEST.IMMUTABLE_GET, topicOf(1)))).toBe('LIMIT')
  await first
  await client.lookup(topicOf(25))
})

test('addresses from a client are dialled only if public or allowed', async () => {
  const sink = createSocket('udp4')
  let packets = 0
  sink.on('message', () => packets++)
  await new Promise<void>((resolve) => sink.bind(0, HOST, resolve))
  onTestFinished(() => new Promise<void>((resolve) => void sink.close(resolve)))
  const address = { host: HOST, port: sink.address().port }
  const { client, net } = await proxied()
  // The peer is still found by its key.
  const native = await nativeServer(net.node())
  await client.dial(native.keyPair.publicKey, [address])
  expect(await codeOf(client.dial(createKeyPair().publicKey, [address]))).toBe('PEER_NOT_FOUND')
  expect(packets).toBe(0)
  const open = await TestClient.connect(
    makeServer({ bootstrap: net.bootstrap, host: HOST, allowPrivateAddresses: true })
  )
  const dial = codeOf(open.dial(createKeyPair().publicKey, [address]))
  await until(() => packets > 0)
  open.cancelLastDial()
  await dial
})

test('records: found, put and got', async () => {
  const { client, net } = await proxied()
  const { session } = client
  const node = net.node()
  const native = await nativeServer(node)
  const found = peersBody.decode(
    await session.request(CLIENT_REQUEST.FIND_PEER, keyBody.encode(hashOf(native.keyPair.publicKey)))
  )
  expect(keysOf(found)).toEqual([hex(native.keyPair.publicKey)])
  expect(found[0]?.relayAddresses.length).toBeGreaterThan(0)

  const value = b4a.from('a value')
  const hash = keyBody.decode(await session.request(CLIENT_REQUEST.IMMUTABLE_PUT, bytesBody.encode(value)))
  expect((await node.immutableGet(hash))?.value).toEqual(value)
  const get = async (target: Uint8Array) =>
    maybeBytesBody.decode(await session.request(CLIENT_REQUEST.IMMUTABLE_GET, keyBody.encode(target)))
  expect(await get(hash)).toEqual(value)
  expect(await get(new Uint8Array(32))).toBeNull()

  const { publicKey } = client.keyPair
  const signature = signMutable(3, value, client.keyPair)
  await session.request(CLIENT_REQUEST.MUTABLE_PUT, mutablePutBody.encode({ publicKey, seq: 3, signature, value }))
  expect(await node.mutableGet(publicKey)).toMatchObject({ seq: 3, value })
  const query = mutableGetBody.encode({ publicKey, seq: 0, latest: true })
  const got = mutableResultBody.decode(await session.request(CLIENT_REQUEST.MUTABLE_GET, query))
  expect(got).toEqual({ seq: 3, signature: b4a.from(signature), value })

  // No node answers a wrong signature, and each was sent it four times.
  const forged = mutablePutBody.encode({ publicKey, seq: 4, signature, value })
  expect(await codeOf(session.request(CLIENT_REQUEST.MUTABLE_PUT, forged))).toBe('AUTH_DENIED')

  const large = bytesBody.encode(new Uint8Array(2000))
  expect(await codeOf(session.request(CLIENT_REQUEST.IMMUTABLE_PUT, large))).toBe('LIMIT')
})

test('a native peer that ignores the window of an unread stream is cut off at the limit', async () => {
  const net = await testnet()
  const server = makeServer({ dht: ignoreWindows(net.node()), limits: { maxStreamBufferBytes: 1024 * 1024 } })
  const client = await TestClient.connect(server)
  await client.listen()
  const native = net.node().connect(client.keyPair.publicKey)
  native.on('error', () => {})
  await until(() => client.accepted.length === 1)
  const reset = new Promise((resolve) => client.accepted[0]?.once('error', resolve))
  const closed = new Promise((resolve) => native.once('close', resolve as never))
  for (let i = 0; i < 256; i++) native.write(new Uint8Array(64 * 1024))
  expect(await reset).toMatchObject({ code: 'BUFFER_LIMIT', remote: true })
  await closed
  expect(server.stats).toMatchObject({ bufferedBytes: 0, resets: { BUFFER_LIMIT: 1 } })
})

test('a key moves to the new session of a client without a gap in the DHT', async () => {
  const { client, net, server } = await proxied()
  await client.listen()
  client.session.detach()
  const again = await TestClient.connect(server, { keyPair: client.keyPair })
  await again.listen()
  const native = net.node().connect(client.keyPair.publicKey)
  native.on('error', () => {})
  await until(() => again.accepted.length === 1)
  native.destroy()
  await again.unlisten()
  expect(again.asked).toContain(SERVER_REQUEST.SIGN)
  // Free again for any client that proves that it holds the key.
  await again.listen()
})

test('a borrowed node is left running, the server’s own node is not', async () => {
  const net = await testnet()
  const dht = net.node()
  const server = makeServer({ dht })
  const client = await TestClient.connect(server)
  await client.listen()
  await client.announce(topicOf(30))
  await server.destroy()
  expect(dht.destroyed).toBe(false)
  expect(client.closedWith?.code).toBe('SERVER_CLOSING')
  // The client was there to sign, so no record is left behind.
  for await (const { peers } of dht.lookup(topicOf(30))) expect(peers).toEqual([])
  const own = makeServer({ bootstrap: net.bootstrap, host: HOST })
  await own.destroy()
  expect((own.dht as NativeNode).destroyed).toBe(true)
})
