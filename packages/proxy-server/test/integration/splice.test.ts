import { type PeerStream, ProxyError, SERVER_REQUEST, streamMeta, VERDICT, verdictBody } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { pause, standstill, until } from '../../../runtime/test/support/until.js'
import type { ProxyServer } from '../../src/index.js'
import { rendezvousServer } from '../support/servers.js'
import { codeOf, EMPTY, next, TestClient, type TestClientOptions, topicOf } from '../support/test-client.js'

async function clients(server: ProxyServer, b: TestClientOptions = {}, a: TestClientOptions = {}) {
  const dialler = await TestClient.connect(server, a)
  const listener = await TestClient.connect(server, b)
  await listener.listen()
  return [dialler, listener] as const
}

async function connected(server: ProxyServer, options: TestClientOptions = {}) {
  const [a, b] = await clients(server, options, options)
  const ours = await a.dial(b.keyPair.publicKey)
  await until(() => b.accepted.length === 1)
  const theirs = b.accepted[0] as PeerStream
  return { a, b, ours, theirs }
}

test('two clients are connected: handshake end to end, bytes both ways, half-close', async () => {
  const server = rendezvousServer()
  const { a, b, ours, theirs } = await connected(server)
  expect(a.handshakeOf(ours).complete).toBe(true)
  expect(a.handshakeOf(ours).hash).toEqual(b.handshakeOf(theirs).hash)
  expect(b.handshakeOf(theirs).remotePublicKey).toEqual(b4a.from(a.keyPair.publicKey))
  ours.end(b4a.from('ping'))
  expect(await read(theirs)).toEqual('ping')
  theirs.end(b4a.from('pong'))
  expect(await read(ours)).toEqual('pong')
  await until(() => server.stats.streams === 0)
  expect(server.stats).toMatchObject({ splices: 1, streamsOpened: 2, resets: {}, dhtConnections: 0 })
})

test('streams to other clients are announced as such, in a way that older clients ignore', async () => {
  // It was said in the meta of the stream, which a client of the same version refused, and so every such connection.
  const { a, b, ours, theirs } = await connected(rendezvousServer())
  for (const [client, { meta }] of [[a, ours] as const, [b, theirs] as const]) {
    expect(meta).toHaveLength(5)
    expect(client.localStreams).toEqual([streamMeta.decode(meta)])
  }
})

test('a reset reaches the other end with its code', async () => {
  const { ours, theirs } = await connected(rendezvousServer())
  const reset = new Promise((resolve) => theirs.once('error', resolve))
  ours.destroy(new ProxyError('TOO_MUCH', 'enough'))
  expect(await reset).toMatchObject({ code: 'TOO_MUCH', message: 'enough' })
})

test('REFUSE delivers the answer with the reason and fails the dial; IGNORE only fails it', async () => {
  const [a, b] = await clients(rendezvousServer())
  b.verdict = VERDICT.REFUSE
  expect(await codeOf(a.dial(b.keyPair.publicKey))).toBe('SERVER_ERROR')
  expect(a.asked).toEqual([SERVER_REQUEST.DIAL_SEND, SERVER_REQUEST.DIAL_RECV])
  b.verdict = VERDICT.IGNORE
  expect(await codeOf(a.dial(b.keyPair.publicKey))).toBe('PEER_CONNECTION_FAILED')
  expect(b.accepted).toEqual([])
})

test('a dial to a silent peer fails', async () => {
  const server = rendezvousServer({ limits: { peerHandshakeTimeoutMs: 30 } })
  const [a, silent] = await clients(server, { onRequest: () => new Promise(() => {}) })
  expect(await codeOf(a.dial(silent.keyPair.publicKey))).toBe('PEER_CONNECTION_FAILED')
})

test('a peer that answers a dial with nonsense is closed', async () => {
  const server = rendezvousServer()
  const a = await TestClient.connect(server)
  const nonsense = await TestClient.connect(server, { onRequest: () => EMPTY })
  await nonsense.listen()
  expect(await codeOf(a.dial(nonsense.keyPair.publicKey))).toBe('PEER_CONNECTION_FAILED')
  await until(() => nonsense.closedWith !== null)
  expect(nonsense.closedWith).toMatchObject({ code: 'PROTOCOL_ERROR', remote: true })
  expect(a.session.destroyed).toBe(false)
})

test('a dialling client that answers nonsense is closed', async () => {
  const [a, b] = await clients(rendezvousServer(), {}, { onRequest: () => EMPTY })
  expect(await codeOf(a.dial(b.keyPair.publicKey))).toBe('PROTOCOL_ERROR')
  await until(() => a.closedWith !== null)
})

test('CONNECT_CANCEL ends a dial, and so does the end of either client', async () => {
  const server = rendezvousServer()
  const [a, b] = await clients(server, { onRequest: () => new Promise(() => {}) })
  const cancelled = codeOf(a.dial(b.keyPair.publicKey))
  await until(() => b.asked.length === 1)
  a.cancelLastDial()
  expect(await cancelled).toBe('ABORTED')
  const orphaned = codeOf(a.dial(b.keyPair.publicKey))
  await until(() => b.asked.length === 2)
  b.session.destroy()
  expect(await orphaned).toBe('PEER_CONNECTION_FAILED')
  expect([...server.clients].map((client) => client.stats.dials)).toEqual([0])
})

test('a key without a listener is not found; a dial id in use is refused', async () => {
  const [a, b] = await clients(rendezvousServer(), { onRequest: () => new Promise(() => {}) })
  expect(await codeOf(a.dial(new Uint8Array(32)))).toBe('PEER_NOT_FOUND')
  const first = codeOf(a.dial(b.keyPair.publicKey))
  await until(() => b.asked.length === 1)
  a.cancelLastDial()
  expect(await first).toBe('ABORTED')
})

test('maxDials refuses one more', async () => {
  const [a, b] = await clients(rendezvousServer({ limits: { maxDials: 1 } }), {
    onRequest: () => new Promise(() => {})
  })
  const first = codeOf(a.dial(b.keyPair.publicKey))
  expect(await codeOf(a.dial(b.keyPair.publicKey))).toBe('LIMIT')
  b.session.destroy()
  expect(await first).toBe('PEER_CONNECTION_FAILED')
})

test('maxStreams refuses dials, and passes no handshakes to the client', async () => {
  const server = rendezvousServer({ authenticate: ({ auth }) => ({ limits: auth.length ? { maxStreams: 1 } : {} }) })
  const limited = { auth: Uint8Array.of(1) }
  const [a, b] = await clients(server, {}, limited)
  const stream = await a.dial(b.keyPair.publicKey)
  expect(await codeOf(a.dial(b.keyPair.publicKey))).toBe('LIMIT')
  await a.listen()
  expect(await codeOf(b.dial(a.keyPair.publicKey))).toBe('PEER_CONNECTION_FAILED')
  expect(a.asked).not.toContain(SERVER_REQUEST.ACCEPT_RECV)
  stream.destroy()
  await until(() => server.stats.streams === 0)
  await b.dial(a.keyPair.publicKey)
})

test('maxPendingHandshakes: a further dial waits for its turn', async () => {
  const server = rendezvousServer({ limits: { maxPendingHandshakes: 1 } })
  let asked = 0
  const onRequest = () => (asked++ === 0 ? new Promise<Uint8Array>(() => {}) : undefined)
  const [a, b] = await clients(server, { onRequest })
  const c = await TestClient.connect(server)
  const first = codeOf(a.dial(b.keyPair.publicKey))
  await until(() => asked === 1)
  const second = c.dial(b.keyPair.publicKey)
  // It has sent its message, and now waits for nothing but its turn.
  await until(() => c.asked.length === 1)
  expect(asked).toBe(1)
  a.cancelLastDial()
  expect(await first).toBe('ABORTED')
  await second
})

test('a late refusal for another key does not affect the next dial', async () => {
  let verdicts = 0
  const onRequest = (op: number) =>
    op === SERVER_REQUEST.ACCEPT_RECV && verdicts++ === 0
      ? verdictBody.encode({ verdict: VERDICT.IGNORE, remotePublicKey: new Uint8Array(32), payload: EMPTY })
      : undefined
  const [a, b] = await clients(rendezvousServer(), { onRequest })
  expect(await codeOf(a.dial(b.keyPair.publicKey))).toBe('PEER_CONNECTION_FAILED')
  await a.dial(b.keyPair.publicKey)
})

test('a reader that does not read holds its writer back every time, and no one else', async () => {
  const server = rendezvousServer()
  const { a, b, ours, theirs } = await connected(server)
  const other = await a.dial(b.keyPair.publicKey)
  await until(() => b.accepted.length === 2)
  const otherEnd = b.accepted[1] as PeerStream
  for (let round = 0; round < 20; round++) {
    let written = 0
    const chunk = new Uint8Array(64 * 1024)
    while (ours.write(chunk) || ours.bufferedBytes < 128 * 1024) {
      written += chunk.byteLength
      await new Promise((resolve) => setImmediate(resolve))
      if (written > 8 * 1024 * 1024) throw new Error('nothing holds the writer back')
    }
    await pause(5)
    expect(server.stats.bufferedBytes).toBeLessThan(1024 * 1024)
    other.write(Uint8Array.of(round))
    expect([...(await next(otherEnd))]).toEqual([round])
    const total = ours.bytesWritten
    theirs.resume()
    await until(() => theirs.bytesRead === total)
    theirs.pause()
  }
})

test('what waits between two clients is bounded by the windows of their streams, in either direction', async () => {
  const windowBytes = 64 * 1024
  const server = rendezvousServer({ limits: { streamWindowBytes: windowBytes } })
  const { a, ours, theirs } = await connected(server)
  const written = 4 * 1024 * 1024
  for (const stream of [ours, theirs]) stream.write(new Uint8Array(written))
  const seen: number[] = []
  const look = () => seen.push(server.stats.bufferedBytes)
  // Not until so much waits in the server: how much that is in the end depends on how the pieces fell.
  await standstill(() => {
    look()
    return ours.bufferedBytes + theirs.bufferedBytes
  })
  // Everything that has credit is on its way by now, and arrives before the answers.
  for (let i = 0; i < 20; i++) {
    expect(await a.lookup(topicOf(i))).toEqual([])
    look()
  }
  // For each direction: the window, what is written to the other stream before it says that it is full, and a chunk; and
  // the heads of frames.
  expect(Math.max(...seen)).toBeLessThanOrEqual(2 * (windowBytes + 64 * 1024 + 64 * 1024) + 4096)
  const unsent = [ours, theirs].map(({ bufferedBytes }) => bufferedBytes)
  expect(Math.min(...unsent), 'and the rest waits at the senders').toBeGreaterThan(written / 2)
})

test('what was written before the end arrives at a reader that begins late, and then the end', async () => {
  const server = rendezvousServer()
  const { ours, theirs } = await connected(server)
  const sent = new Uint8Array(1024 * 1024).map((_, i) => i % 251)
  ours.end(sent)
  await until(() => theirs.unreadBytes > 0)
  const received: Uint8Array[] = []
  theirs.on('data', (chunk) => received.push(chunk))
  await new Promise<void>((resolve) => theirs.once('end', () => resolve()))
  expect(b4a.equals(b4a.concat(received), sent)).toBe(true)
  theirs.end()
  await until(() => server.stats.splicesOpen === 0)
  expect(server.stats).toMatchObject({ streams: 0, bufferedBytes: 0, resets: {} })
})

test('the end of a session resets the stream of the other client, once', async () => {
  const server = rendezvousServer()
  const { ours } = await connected(server)
  const reset = new Promise((resolve) => ours.once('error', resolve))
  const [, listening] = server.clients
  listening?.destroy()
  expect(await reset).toMatchObject({ code: 'STREAM_RESET', message: 'the peer is gone' })
  await until(() => server.stats.streams === 0)
  expect(server.stats.splicesOpen).toBe(0)
  expect(server.stats.resets).toEqual({ DESTROYED: 1, STREAM_RESET: 1 })
})

test('maxBufferedBytes: the streams with the most waiting bytes are reset', async () => {
  const server = rendezvousServer({ limits: { maxBufferedBytes: 256 * 1024 } })
  const { a, b, ours } = await connected(server)
  const honest = await a.dial(b.keyPair.publicKey)
  await until(() => b.accepted.length === 2)
  const reset = new Promise((resolve) => ours.once('error', resolve))
  ours.write(new Uint8Array(4 * 1024 * 1024))
  expect(await reset).toMatchObject({ code: 'BUFFER_LIMIT', remote: true })
  honest.write(Uint8Array.of(1))
  expect([...(await next(b.accepted[1]))]).toEqual([1])
  expect(server.stats.resets['BUFFER_LIMIT']).toBe(2)
  expect(server.stats.bufferedBytes).toBe(0)
})

function read(stream: PeerStream): Promise<string> {
  const chunks: Uint8Array[] = []
  stream.on('data', (chunk) => chunks.push(chunk))
  return new Promise((resolve) => stream.once('end', () => resolve(b4a.toString(b4a.concat(chunks)))))
}
