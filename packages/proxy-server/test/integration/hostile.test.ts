import {
  bytesBody,
  CLIENT_NOTICE,
  CLIENT_REQUEST,
  encodeFrame,
  encodeHello,
  FRAME,
  keyBody,
  listenBody,
  mutableGetBody,
  mutablePutBody,
  peersBody,
  queryBody
} from '@swarmway/proxy-protocol'
import { createKeyPair } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { randomFrom } from '../../../runtime/test/support/random.js'
import { udpSockets } from '../../../runtime/test/support/udp.js'
import { pause, until } from '../../../runtime/test/support/until.js'
import { hashOf } from '../../src/dht/native.js'
import type { ProxyServer } from '../../src/index.js'
import { pair } from '../support/pair.js'
import { rendezvousServer } from '../support/servers.js'
import { codeOf, EMPTY, TestClient, topicOf } from '../support/test-client.js'

async function honest(server: ProxyServer) {
  const [a, b] = [await TestClient.connect(server), await TestClient.connect(server)]
  await b.listen()
  const stream = await a.dial(b.keyPair.publicKey)
  await until(() => b.accepted.length === 1)
  b.accepted[0]?.on('data', (chunk) => b.accepted[0]?.write(chunk))
  return async () => {
    const echo = new Promise<Uint8Array>((resolve) => stream.once('data', resolve))
    stream.write(Uint8Array.of(7))
    expect([...(await echo)]).toEqual([7])
  }
}

test.each([...Object.entries(CLIENT_REQUEST), ...Object.entries(CLIENT_NOTICE)])(
  'a %s with an invalid body closes the client with PROTOCOL_ERROR',
  async (_, op) => {
    const server = rendezvousServer()
    const echo = await honest(server)
    const client = await TestClient.connect(server)
    if (op >= CLIENT_NOTICE.QUERY_CANCEL) client.session.notify(op, new Uint8Array(3))
    else expect(await codeOf(client.session.request(op, new Uint8Array(3)))).toBe('PROTOCOL_ERROR')
    await until(() => client.closedWith !== null)
    expect(client.closedWith).toMatchObject({ code: 'PROTOCOL_ERROR', remote: true })
    await echo()
  }
)

test('an unknown request is refused, an unknown notification is a violation', async () => {
  const client = await TestClient.connect(rendezvousServer())
  expect(await codeOf(client.session.request(999, EMPTY))).toBe('NOT_FOUND')
  expect(client.session.destroyed).toBe(false)
  client.session.notify(999, EMPTY)
  await until(() => client.closedWith !== null)
  expect(client.closedWith?.code).toBe('PROTOCOL_ERROR')
})

test('clients open no streams', async () => {
  const client = await TestClient.connect(rendezvousServer())
  expect(() => client.session.openStream(EMPTY)).toThrow(expect.objectContaining({ code: 'LIMIT' }))
})

test('requests that need a DHT are refused without one', async () => {
  const server = rendezvousServer()
  const client = await TestClient.connect(server)
  expect(server.dht).toBeNull()
  const bodies: [number, Uint8Array][] = [
    [CLIENT_REQUEST.IMMUTABLE_GET, new Uint8Array(32)],
    [CLIENT_REQUEST.IMMUTABLE_PUT, bytesBody.encode(EMPTY)],
    [CLIENT_REQUEST.MUTABLE_GET, mutableGetBody.encode({ publicKey: topicOf(1), seq: 0, latest: true })],
    [
      CLIENT_REQUEST.MUTABLE_PUT,
      mutablePutBody.encode({ publicKey: topicOf(1), seq: 0, signature: new Uint8Array(64), value: EMPTY })
    ]
  ]
  for (const [op, body] of bodies) expect(await codeOf(client.session.request(op, body))).toBe('DHT_OFF')
  // Other clients are still found.
  await client.listen()
  const target = keyBody.encode(hashOf(client.keyPair.publicKey))
  const found = peersBody.decode(await client.session.request(CLIENT_REQUEST.FIND_PEER, target))
  expect(found).toEqual([{ publicKey: b4a.from(client.keyPair.publicKey), relayAddresses: [] }])
})

test('the protocol limits are passed through: requestsPerSecond refuses, notifiesPerSecond closes', async () => {
  const server = rendezvousServer({ clock: new FakeClock(), limits: { requestsPerSecond: 5, notifiesPerSecond: 5 } })
  const client = await TestClient.connect(server, { ignoresLimits: true })
  const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(client.lookup(topicOf(1)))))
  expect(codes.filter((code) => code === 'RATE_LIMIT')).toHaveLength(3)
  for (let i = 0; i < 8; i++) client.watch(topicOf(i))
  await until(() => client.closedWith !== null)
  expect(client.closedWith?.code).toBe('RATE_LIMIT')
})

test('a query id that is in use is refused', async () => {
  const server = rendezvousServer({ authenticate: () => ({ allowTopic: () => pause(30).then(() => true) }) })
  const client = await TestClient.connect(server)
  const body = queryBody.encode({ queryId: 1, kind: 0, topic: topicOf(1), publicKey: null })
  const first = client.session.request(CLIENT_REQUEST.QUERY, body)
  expect(await codeOf(client.session.request(CLIENT_REQUEST.QUERY, body))).toBe('BAD_REQUEST')
  await first
})

test('a proof for another session is refused', async () => {
  const server = rendezvousServer()
  const [a, thief] = [await TestClient.connect(server), await TestClient.connect(server)]
  const body = listenBody.encode({ publicKey: a.keyPair.publicKey, proof: a.proof() })
  await a.session.request(CLIENT_REQUEST.LISTEN, body)
  expect(await codeOf(thief.session.request(CLIENT_REQUEST.LISTEN, body))).toBe('AUTH_DENIED')
})

test('a client that keeps listening on new keys and leaving leaves nothing behind', async () => {
  const server = rendezvousServer({ limits: { listensPerSecond: 100 } })
  const client = await TestClient.connect(server)
  for (let i = 0; i < 50; i++) {
    const keyPair = createKeyPair()
    await client.listen(keyPair)
    await client.announce(topicOf(i), keyPair.publicKey)
    await client.unlisten(keyPair.publicKey)
  }
  expect([...server.clients][0]?.stats).toMatchObject({ keys: 0, topics: 0 })
  expect(server.stats.topics).toBe(0)
})

test('random frames, well-formed or not, end only their own session', async () => {
  const server = rendezvousServer()
  const echo = await honest(server)
  const random = randomFrom(20260101)
  const limits = { maxStreams: 9, maxRequests: 9, requestsPerSecond: 9, maxBodyBytes: 99 }
  for (let round = 0; round < 300; round++) {
    const [ours, theirs] = pair()
    server.handleStream(theirs)
    ours.resume()
    if (random(10) > 0) ours.write(encodeHello({ auth: EMPTY, userAgent: '', limits }))
    await new Promise((resolve) => setImmediate(resolve))
    for (let i = random(30); i > 0; i--) ours.write(randomFrame(random))
    if (random(3) === 0) ours.end()
    if (round % 50 === 0) await echo()
  }
  await echo()
  await until(() => server.stats.greetings < 60)
  for (const client of [...server.clients].slice(2)) client.destroy()
  await echo()
  expect(server.clients.size).toBe(2)
})

test.runIf(process.platform === 'linux')('a server without a DHT opens no UDP socket', async () => {
  const before = udpSockets()
  const server = rendezvousServer()
  const echo = await honest(server)
  await echo()
  expect(udpSockets()).toBe(before)
})

function randomFrame(random: (below: number) => number): Uint8Array {
  const types = [...Object.values(FRAME), random(256)]
  const body = Uint8Array.from({ length: random(80) }, () => random(random(2) === 0 ? 3 : 256))
  const frame = encodeFrame(types[random(types.length)] ?? 0, body)
  return random(20) === 0 ? frame.subarray(0, random(frame.byteLength)) : frame
}
