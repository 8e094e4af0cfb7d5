/** Strangers share the places of a server. */
import type { DuplexLike } from '@swarmway/proxy-protocol'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { turns, until } from '../../../runtime/test/support/until.js'
import type { ProxyServer } from '../../src/index.js'
import { pair } from '../support/pair.js'
import { rendezvousServer } from '../support/servers.js'
import { TestClient, topicOf } from '../support/test-client.js'

const OFFICE = { remoteAddress: '192.0.2.1' }
const HOME = { remoteAddress: '198.51.100.1' }

/** A client with something that could be resumed. */
async function listener(server: ProxyServer, options = OFFICE): Promise<TestClient> {
  const client = await TestClient.connect(server, options)
  await client.listen()
  return client
}

/** Opens a link that says nothing. */
function silent(
  server: ProxyServer,
  from = OFFICE,
  firstByte = false
): { link: { ready: Promise<unknown> }; ours: DuplexLike } {
  const [ours, theirs] = pair()
  ours.resume()
  const link = server.handleStream(theirs, from)
  if (firstByte) ours.write(Uint8Array.of(100))
  return { link, ours }
}

test('a client that has done nothing loses its place with its link', async () => {
  // One host filled all places with 67 bytes each: every session lived for another 30 s after its link was gone.
  const server = rendezvousServer({ limits: { maxClients: 2 } })
  for (let i = 0; i < 5; i++) {
    const client = await TestClient.connect(server, OFFICE)
    client.cut()
    await until(() => server.clients.size === 0)
  }
  const watcher = await TestClient.connect(server, OFFICE)
  watcher.watch(topicOf(1))
  await until(() => [...server.clients][0]?.stats.watches === 1)
  watcher.cut()
  await until(() => server.stats.attached === 0)
  expect(await watcher.resume(server)).toMatchObject({ resumed: true })
})

test('when the server is full, the session that has been without a link for longest gives way', async () => {
  const server = rendezvousServer({ limits: { maxClients: 2 } })
  const reasons: unknown[] = []
  server.on('client-close', (session, error) => reasons.push([session.remoteAddress, error.code]))
  const [first, second] = [await listener(server, OFFICE), await listener(server, HOME)]
  for (const client of [first, second]) {
    const { attached } = server.stats
    client.cut()
    await until(() => server.stats.attached === attached - 1)
  }
  const newcomer = await TestClient.connect(server, { remoteAddress: '203.0.113.1' })
  expect(reasons).toEqual([[OFFICE.remoteAddress, 'LIMIT']])
  expect(await second.resume(server)).toMatchObject({ resumed: true })
  await expect(first.resume(server)).rejects.toMatchObject({ code: 'LIMIT', retry: true })
  newcomer.cut()
  await until(() => server.clients.size === 1)
  expect(await first.resume(server)).toMatchObject({ resumed: false })
})

test('one network cannot hold all places, although all its clients are in use', async () => {
  const server = rendezvousServer({ limits: { maxClients: 8 } })
  for (let i = 0; i < 4; i++) await listener(server)
  await expect(listener(server)).rejects.toMatchObject({ code: 'LIMIT', retry: true })
  expect(server.stats.limitHits).toEqual({ maxClientsPerNetwork: 1 })
  await listener(server, HOME)
})

test('maxClientsPerNetwork limits the clients of one network, an IPv6 /48', async () => {
  const server = rendezvousServer({ limits: { maxClientsPerNetwork: 2 } })
  for (const subnet of [1, 2]) await listener(server, { remoteAddress: `2001:db8:0:${subnet}::1` })
  await expect(listener(server, { remoteAddress: '2001:db8:0:3::1' })).rejects.toMatchObject({
    code: 'LIMIT',
    retry: true
  })
  expect(server.stats.limitHits).toEqual({ maxClientsPerNetwork: 1 })
  await listener(server, { remoteAddress: '2001:db8:1:1::1' })
})

test('silent links of one host do not keep others out, nor the host itself', async () => {
  // 1,024 silent connections kept everybody out for as long as they came back every 10 s.
  const server = rendezvousServer({ limits: { maxGreetings: 4 } })
  const links = Array.from({ length: 20 }, () => silent(server).link)
  await TestClient.connect(server, HOME)
  await TestClient.connect(server, OFFICE)
  expect(await links[0]?.ready).toBeNull()
  expect(server.stats.greetings).toBeLessThanOrEqual(4)
  expect(server.stats.limitHits.maxGreetings).toBeGreaterThanOrEqual(16)
})

test('a greeting that has begun gets 2 seconds, unless its network has most of the others', async () => {
  const clock = new FakeClock()
  const server = rendezvousServer({ clock, limits: { maxGreetings: 2 } })
  const [slow, other] = [silent(server, OFFICE, true), silent(server, OFFICE, true)]
  await clock.advance(1999)
  expect(await silent(server).link.ready).toBeNull()
  expect(server.stats.greetings).toBe(2)
  silent(server, HOME)
  expect(await slow.link.ready).toBeNull()
  await clock.advance(1)
  silent(server, OFFICE)
  expect(server.stats.greetings).toBe(2)
  other.ours.destroy()
})

// Links that came back as soon as they were refused took the server's time from all others: a join took twice as long.
test('links of a network that is refused all the time wait for the answer, and nobody else does', async () => {
  const clock = new FakeClock()
  const server = rendezvousServer({ clock, limits: { maxGreetings: 4 } })
  const links = Array.from({ length: 60 }, () => silent(server).link)
  // 56 had to give way: 50 are told at once, four a second later, and for two there is no room to wait.
  expect(server.stats.denied).toEqual({ LIMIT: 52 })
  await TestClient.connect(server, HOME)
  await clock.advance(999)
  expect(server.stats.denied).toEqual({ LIMIT: 53 })
  await clock.advance(1)
  expect(server.stats.denied).toEqual({ LIMIT: 57 })
  expect(await links[55]?.ready).toBeNull()
})

test('a client that was refused and waits for the answer is not admitted any more', async () => {
  const clock = new FakeClock()
  const server = rendezvousServer({ clock, limits: { maxGreetings: 1 } })
  for (let i = 0; i < 50; i++) silent(server)
  const late = TestClient.connect(server, OFFICE)
  silent(server, HOME)
  await turns()
  expect(server.clients.size).toBe(0)
  const denied = expect(late).rejects.toMatchObject({ code: 'LIMIT', retry: true })
  await clock.advance(1000)
  await denied
})
