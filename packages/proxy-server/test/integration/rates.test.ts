/** Rates of clients outlive their sessions. */
import { expect, test } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { until } from '../../../runtime/test/support/until.js'
import type { ProxyServer } from '../../src/index.js'
import { rendezvousServer } from '../support/servers.js'
import { codeOf, TestClient, topicOf } from '../support/test-client.js'

const HOME = { remoteAddress: '192.0.2.1', ignoresLimits: true }
const ELSEWHERE = { ...HOME, remoteAddress: '192.0.2.2' }

/** The codes of this many requests at once. */
function burst(client: TestClient, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, () => codeOf(client.lookup(topicOf(1)))))
}

async function leave(server: ProxyServer, client: TestClient): Promise<void> {
  client.session.destroy()
  await until(() => server.clients.size === 0)
}

test('a client that comes back with a new session gets no new burst of requests', async () => {
  // Each new session began with all of its bursts: by reconnecting, a client got any rate.
  const clock = new FakeClock()
  const server = rendezvousServer({ clock, limits: { requestsPerSecond: 10 } })
  const first = await TestClient.connect(server, HOME)
  expect(new Set(await burst(first, 10))).toEqual(new Set(['none']))
  await leave(server, first)
  const second = await TestClient.connect(server, HOME)
  expect(await burst(second, 1)).toEqual(['RATE_LIMIT'])
  expect(await burst(await TestClient.connect(server, ELSEWHERE), 1)).toEqual(['none'])
  await clock.advance(500)
  expect((await burst(second, 10)).filter((code) => code === 'none')).toHaveLength(5)
})

test('leaving a session behind without a link brings no new burst either', async () => {
  const server = rendezvousServer({ clock: new FakeClock(), limits: { requestsPerSecond: 10 } })
  const first = await TestClient.connect(server, HOME)
  await first.listen()
  await burst(first, 9)
  first.cut()
  await until(() => server.stats.attached === 0)
  expect(await burst(await TestClient.connect(server, HOME), 1)).toEqual(['RATE_LIMIT'])
  expect(server.clients.size).toBe(2)
})

test('the rate of notifications is continued', async () => {
  const server = rendezvousServer({ clock: new FakeClock(), limits: { notifiesPerSecond: 5 } })
  const first = await TestClient.connect(server, HOME)
  for (let seed = 0; seed < 5; seed++) first.watch(topicOf(seed))
  await until(() => [...server.clients][0]?.stats.watches === 5)
  await leave(server, first)
  const second = await TestClient.connect(server, HOME)
  second.watch(topicOf(1))
  await until(() => second.closedWith !== null)
  expect(second.closedWith?.code).toBe('RATE_LIMIT')
})

test('listensPerSecond limits the LISTENs of a client, also with a new session', async () => {
  const server = rendezvousServer({ clock: new FakeClock(), limits: { listensPerSecond: 2 } })
  const first = await TestClient.connect(server, HOME)
  const listens = async (client: TestClient): Promise<string> => {
    const code = await codeOf(client.listen())
    await client.unlisten()
    return code
  }
  expect([await listens(first), await listens(first), await listens(first)]).toEqual(['none', 'none', 'RATE_LIMIT'])
  expect(server.stats.limitHits).toEqual({ listensPerSecond: 1 })
  await leave(server, first)
  expect(await listens(await TestClient.connect(server, HOME))).toBe('RATE_LIMIT')
  expect(await listens(await TestClient.connect(server, ELSEWHERE))).toBe('none')
})
