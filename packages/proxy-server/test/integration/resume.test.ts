import { expect, test } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { until } from '../../../runtime/test/support/until.js'
import { rendezvousServer } from '../support/servers.js'
import { codeOf, hex, keysOf, next, TestClient, topicOf } from '../support/test-client.js'

test('a client resumes its session with its keys, topics and streams', async () => {
  const server = rendezvousServer()
  const [a, b] = [await TestClient.connect(server), await TestClient.connect(server)]
  await a.listen()
  await a.announce(topicOf(1))
  const stream = await b.dial(a.keyPair.publicKey)
  await until(() => a.accepted.length === 1)
  const [accepted] = a.accepted
  a.cut()
  await until(() => server.stats.attached === 1)
  stream.write(Uint8Array.of(1, 2, 3))
  expect(await a.resume(server)).toMatchObject({ resumed: true })
  accepted?.write(Uint8Array.of(4))
  expect([...(await next(stream))]).toEqual([4])
  expect([...(await next(accepted))]).toEqual([1, 2, 3])
  expect(keysOf(await b.lookup(topicOf(1)))).toEqual([hex(a.keyPair.publicKey)])
  expect(server.stats).toMatchObject({ clients: 2, sessionsOpened: 2, sessionsResumed: 1 })
})

test('a dead link that looks alive is replaced', async () => {
  const server = rendezvousServer()
  const client = await TestClient.connect(server)
  const [session] = server.clients
  const before = client.link
  client.session.detach()
  await client.resume(server)
  expect(before?.error).not.toBeNull()
  await until(() => session?.attached === true)
  expect(await codeOf(client.lookup(topicOf(1)))).toBe('none')
})

test('a wrong token or an ended session leads to a new session, and the WELCOME says so', async () => {
  const server = rendezvousServer({ graceMs: 20 })
  const client = await TestClient.connect(server)
  const { welcome } = client
  if (welcome === null) throw new Error('not welcomed')
  const thief = new TestClient()
  const wrong = { ...welcome, resumeToken: new Uint8Array(32), received: 0 }
  expect(await thief.connect(server, wrong)).toMatchObject({ resumed: false, received: 0 })
  expect(client.session.attached).toBe(true)
  client.session.detach()
  await until(() => server.clients.size === 1)
  const again = await new TestClient().connect(server, { ...welcome, received: 0 })
  expect(again.resumed).toBe(false)
  expect(again.sessionId).not.toEqual(welcome.sessionId)
  expect(again.serverNonce).not.toEqual(welcome.serverNonce)
})

test('a claim to have received unsent frames ends the session', async () => {
  const server = rendezvousServer()
  const client = await TestClient.connect(server)
  await client.listen()
  const { welcome } = client
  if (welcome === null) throw new Error('not welcomed')
  client.session.detach()
  await new TestClient().connect(server, { ...welcome, received: 1000 }).catch(() => {})
  await until(() => server.clients.size === 0)
})

test('every link is authenticated, including one that resumes a session', async () => {
  let mayIn = true
  const server = rendezvousServer({ authenticate: ({ resumed }) => mayIn || !resumed })
  const client = await TestClient.connect(server)
  await client.listen()
  client.cut()
  mayIn = false
  expect(await codeOf(client.resume(server))).toBe('AUTH_DENIED')
  mayIn = true
  expect(await client.resume(server)).toMatchObject({ resumed: true })
})

test('after the grace period the session is over: topics withdrawn, streams reset, keys free', async () => {
  const clock = new FakeClock()
  const server = rendezvousServer({ graceMs: 1500, clock })
  const [a, b] = [await TestClient.connect(server), await TestClient.connect(server)]
  const reasons: string[] = []
  server.on('client-close', (_, error) => reasons.push(error.code))
  await a.listen()
  await a.announce(topicOf(1))
  const stream = await b.dial(a.keyPair.publicKey)
  a.session.detach()
  await until(() => server.stats.attached === 1)
  await clock.advance(1499)
  expect(await b.lookup(topicOf(1))).toHaveLength(1)
  const error = new Promise<Error>((resolve) => stream.once('error', resolve as () => void))
  await clock.advance(1)
  expect(await error).toMatchObject({ code: 'STREAM_RESET', remote: true })
  expect(reasons).toEqual(['SESSION_EXPIRED'])
  expect(await b.lookup(topicOf(1))).toEqual([])
  expect(await codeOf(b.dial(a.keyPair.publicKey))).toBe('PEER_NOT_FOUND')
  expect(server.stats).toMatchObject({ clients: 1, sessionsExpired: 1, topics: 0 })
})
