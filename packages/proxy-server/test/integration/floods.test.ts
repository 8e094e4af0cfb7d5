/** A client that sends as fast as its line allows what costs it nothing. */
import { CLIENT_REQUEST, DEFAULT_LIMITS, encodeFrame, encodeHello, FRAME, listenBody } from '@swarmway/proxy-protocol'
import { createKeyPair } from '@swarmway/swarm/core'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { until } from '../../../runtime/test/support/until.js'
import { pair } from '../support/pair.js'
import { rendezvousServer } from '../support/servers.js'
import { codeOf, TestClient, topicOf } from '../support/test-client.js'

const OFFICE = { remoteAddress: '192.0.2.1' }
const HOME = { remoteAddress: '198.51.100.1' }

// Nothing counted pings, acknowledgements, resets of streams that are over, and requests beyond the limit, which are answered:
// one client that sent them without a pause took the server's time from all others.
test.each([
  ['pings', FRAME.PING, 4],
  ['acknowledgements', FRAME.ACK, 8],
  ['requests', FRAME.REQUEST, 10]
] as const)('%s beyond framesPerSecond have to wait, and those of others do not', async (_, type, bodyBytes) => {
  const clock = new FakeClock()
  const server = rendezvousServer({ clock, limits: { framesPerSecond: 1000 } })
  const busy = await TestClient.connect(server, OFFICE)
  const [session] = server.clients
  const other = await TestClient.connect(server, HOME)
  const received = () => session?.stats.bytesIn ?? 0
  const { link } = busy
  // Its session knows nothing of these frames, and is not to end for that.
  if (link !== null) link.handler = null
  let lastId = 0
  const flood = () => Buffer.concat(Array.from({ length: 500 }, () => frame(type, bodyBytes, ++lastId)))
  for (let i = 0; i < 40; i++) {
    link?.send(flood())
    await clock.advance(0)
  }
  expect(server.stats.limitHits).toMatchObject({ framesPerSecond: 1 })
  const before = received()
  expect(before).toBeLessThan(20 * flood().byteLength)
  await other.listen()
  await other.announce(topicOf(1))
  expect(received()).toBe(before)
  // It is made to wait, and nothing is lost.
  await clock.advance(3000)
  expect(received()).toBeGreaterThan(before)
  expect(server.clients.has(session as never)).toBe(true)
  expect(session?.attached).toBe(true)
  // It has answers to requests that nobody reads, and the server would wait for that when it ends.
  busy.cut()
  await until(() => session?.attached === false)
})

/** Lets time pass until the promise settles: the server's own clock leaves out the time in which the process stood still. */
async function inTime<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  let isSettled = false
  const onSettled = (): void => {
    isSettled = true
  }
  promise.then(onSettled, onSettled)
  while (!isSettled) await clock.advance(100)
  return promise
}

// A hundred bytes of nonsense made the server check a signature, a hundred times a second for each client.
test('proofs of keys beyond signaturesPerSecond wait for their turn', async () => {
  const clock = new FakeClock()
  const server = rendezvousServer({ clock, limits: { signaturesPerSecond: 2 } })
  const [busy, other] = [await TestClient.connect(server, OFFICE), await TestClient.connect(server, HOME)]
  const bad = { proof: new Uint8Array(64), serverName: '' }
  const codes: string[] = []
  for (let i = 0; i < 4; i++) {
    const body = listenBody.encode({ publicKey: createKeyPair().publicKey, ...bad })
    void codeOf(busy.session.request(CLIENT_REQUEST.LISTEN, body)).then((code) => codes.push(code))
  }
  await until(() => codes.length === 2)
  await other.listen()
  expect(codes).toHaveLength(2)
  await inTime(
    clock,
    until(() => codes.length === 4)
  )
  expect(new Set(codes)).toEqual(new Set(['AUTH_DENIED']))
})

// Clients announce a key in the same breath as they listen on it. While strangers kept the checks busy, the announcement
// overtook the proof and was denied, so that the client was alone on its topic for many seconds.
test('a key is announced although its proof still waits for its turn', async () => {
  const clock = new FakeClock()
  const server = rendezvousServer({ clock, limits: { signaturesPerSecond: 1 } })
  const client = await TestClient.connect(server, OFFICE)
  await client.listen()
  const keyPair = createKeyPair()
  const listening = client.listen(keyPair)
  const announcing = client.announce(topicOf(1), keyPair.publicKey)
  await inTime(clock, Promise.all([listening, announcing]))
  expect([...server.clients][0]?.stats.topics).toBe(1)
})

// UNLISTEN overtook the LISTEN, which then announced a key that nobody served any more.
test('a client that gives a key up while its proof waits does not listen on it', async () => {
  const clock = new FakeClock()
  const server = rendezvousServer({ clock, limits: { signaturesPerSecond: 1 } })
  const client = await TestClient.connect(server, OFFICE)
  await client.listen()
  const keyPair = createKeyPair()
  const listening = codeOf(client.listen(keyPair))
  await client.unlisten(keyPair.publicKey)
  expect(await inTime(clock, listening)).toBe('ABORTED')
  await inTime(clock, client.listen(keyPair))
})

// Each WATCH began a call of `allowTopic` at once, and an UNWATCH made room for the next: thousands a second, whatever
// stands behind it.
test('topics that a client watches and leaves without a pause are checked 32 at a time', async () => {
  const asked: (() => void)[] = []
  const allowTopic = () => new Promise<boolean>((resolve) => asked.push(() => resolve(true)))
  const server = rendezvousServer({ authenticate: () => ({ allowTopic }) })
  const client = await TestClient.connect(server)
  for (let i = 0; i < 200; i++) {
    client.watch(topicOf(i))
    if (i < 199) client.unwatch(topicOf(i))
  }
  await until(() => asked.length === 32)
  await until(() => [...server.clients][0]?.stats.watches === 1)
  expect(asked).toHaveLength(32)
  // The last one is still wanted, and is checked when there is room.
  for (const answer of asked.splice(0)) answer()
  await until(() => asked.length === 1)
  asked[0]?.()
  await until(() => server.stats.topics === 1)
})

/** A frame whose body is zeros; that of a request begins with an id. */
function frame(type: number, bodyBytes: number, id: number): Uint8Array {
  const body = Buffer.alloc(bodyBytes)
  if (type === FRAME.REQUEST) body.writeUInt32LE(id)
  return encodeFrame(type, body)
}

// Greetings that were answered had no rate: a hundred links of one address that greeted, or resumed their session, and came
// back at once took the server's time.
test('greetings beyond greetingsPerSecond wait for their turn, and those of others do not', async () => {
  const clock = new FakeClock()
  const server = rendezvousServer({ clock, limits: { greetingsPerSecond: 2 } })
  for (let i = 0; i < 2; i++) await TestClient.connect(server, OFFICE)
  const waiting = [TestClient.connect(server, OFFICE), TestClient.connect(server, OFFICE)]
  await until(() => server.stats.limitHits['greetingsPerSecond'] === 2)
  await TestClient.connect(server, HOME)
  expect(server.stats.clients).toBe(3)
  await clock.advance(1000)
  await Promise.all(waiting)
  expect(server.stats.clients).toBe(5)
})

// A full server refused newcomers only after their turn, so they used up those of the clients of their network that resumed.
test('newcomers that a full server refuses take no turn', async () => {
  const clock = new FakeClock()
  const server = rendezvousServer({ clock, limits: { greetingsPerSecond: 2, maxClients: 1 } })
  const client = await TestClient.connect(server, OFFICE)
  client.watch(topicOf(1))
  await until(() => [...server.clients][0]?.stats.watches === 1)
  for (let i = 0; i < 5; i++)
    await expect(TestClient.connect(server, OFFICE)).rejects.toMatchObject({ code: 'LIMIT', retry: true })
  client.cut()
  await until(() => server.stats.attached === 0)
  expect(await client.resume(server)).toMatchObject({ resumed: true })
  expect(server.stats.limitHits).toEqual({ maxClientsPerNetwork: 5 })
})

test('a session that is resumed takes a turn, too', async () => {
  const clock = new FakeClock()
  const server = rendezvousServer({ clock, limits: { greetingsPerSecond: 1 } })
  const client = await TestClient.connect(server, OFFICE)
  client.watch(topicOf(1))
  await until(() => [...server.clients][0]?.stats.watches === 1)
  client.cut()
  await until(() => server.stats.attached === 0)
  const resumed = client.resume(server)
  await until(() => server.stats.limitHits['greetingsPerSecond'] === 1)
  expect(server.stats.attached).toBe(0)
  await clock.advance(1000)
  expect(await resumed).toMatchObject({ resumed: true })
})

test('greetings of this machine do not wait: a reverse proxy on it looks like one network', async () => {
  const server = rendezvousServer({ clock: new FakeClock(), limits: { greetingsPerSecond: 1 } })
  for (let i = 0; i < 5; i++) await TestClient.connect(server, { remoteAddress: '127.0.0.1' })
  expect(server.stats.limitHits).toEqual({})
})

test('a greeting that waits longer than handshakeTimeoutMs is denied, and takes no turn', async () => {
  const clock = new FakeClock()
  const server = rendezvousServer({ clock, limits: { greetingsPerSecond: 1, handshakeTimeoutMs: 1500 } })
  await TestClient.connect(server, OFFICE)
  const waiting = Promise.allSettled([1, 2, 3].map(() => TestClient.connect(server, OFFICE)))
  await until(() => server.stats.limitHits['greetingsPerSecond'] === 3)
  await clock.advance(2000)
  const reasons = (await waiting).map((one) => (one.status === 'rejected' ? one.reason.code : 'none'))
  expect(reasons).toEqual(['none', 'AUTH_TIMEOUT', 'AUTH_TIMEOUT'])
  await TestClient.connect(server, OFFICE)
  expect(server.stats.limitHits).toEqual({ greetingsPerSecond: 3 })
})

test('a greeting that is given up leaves its turn to others', async () => {
  const clock = new FakeClock()
  const server = rendezvousServer({ clock, limits: { greetingsPerSecond: 1 } })
  await TestClient.connect(server, OFFICE)
  for (let i = 1; i <= 3; i++) {
    const [own, theirs] = pair()
    const { closed } = server.handleStream(theirs, OFFICE)
    own.write(encodeHello({ auth: new Uint8Array(0), userAgent: '', limits: DEFAULT_LIMITS }))
    await until(() => server.stats.limitHits['greetingsPerSecond'] === i)
    own.destroy()
    await closed
  }
  const last = TestClient.connect(server, OFFICE)
  await until(() => server.stats.limitHits['greetingsPerSecond'] === 4)
  await clock.advance(1000)
  await last
})
