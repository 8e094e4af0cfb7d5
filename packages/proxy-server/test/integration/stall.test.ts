import { Link } from '@swarmway/proxy-protocol'
import { expect, onTestFinished, test } from 'vitest'
import { StallingClock } from '../../../runtime/test/support/stalling-clock.js'
import { until } from '../../../runtime/test/support/until.js'
import { pair } from '../support/pair.js'
import { rendezvousServer } from '../support/servers.js'
import { TestClient } from '../support/test-client.js'

/**
 * A server stood still for most of the grace period, while its clients' greetings waited in the accept queue. When it
 * woke, the sessions expired before it read them.
 */
test('a session does not expire because the server stood still', async () => {
  const clock = new StallingClock()
  const server = rendezvousServer({ clock, graceMs: 30_000 })
  const client = await TestClient.connect(server)
  await client.listen()
  client.cut()
  await until(() => server.stats.attached === 0)
  await clock.advance(10_000)
  clock.stall(25_000)
  await clock.advance(25_000)
  expect(await client.resume(server)).toMatchObject({ resumed: true })
  client.cut()
  await until(() => server.stats.attached === 0)
  await clock.advance(30_000)
  expect(server.stats).toMatchObject({ clients: 0, sessionsExpired: 1 })
})

/** Links that had waited unread while the server stood still were denied for being late with their greeting. */
test('a greeting is not late because the server stood still', async () => {
  const clock = new StallingClock()
  const server = rendezvousServer({ clock, limits: { handshakeTimeoutMs: 10_000 } })
  const [near, far] = pair()
  const link = new Link(near)
  onTestFinished(() => link.destroy())
  const arrival = server.handleStream(far)
  clock.stall(9000)
  await clock.advance(10_000)
  expect(server.stats).toMatchObject({ greetings: 1, denied: {} })
  await clock.advance(9000)
  expect((await arrival.closed).code).toBe('AUTH_TIMEOUT')
  expect(server.stats).toMatchObject({ greetings: 0, denied: { AUTH_TIMEOUT: 1 } })
})
