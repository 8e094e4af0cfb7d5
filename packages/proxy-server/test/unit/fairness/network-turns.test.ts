import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { createAbort } from '../../../src/client/abort.js'
import { NetworkTurns } from '../../../src/fairness/network-turns.js'

test('what one network has checked beyond its rate waits, client by client; another network does not', async () => {
  const clock = new FakeClock()
  const checks = new NetworkTurns(10, clock, 'a check')
  const { signal } = createAbort()
  const [busy, other, stranger] = ['192.0.2.1', '192.0.2.1', '198.51.100.1'].map((network) => ({ network }))
  if (busy === undefined || other === undefined || stranger === undefined) throw new Error('three of them')
  for (let i = 0; i < 10; i++) expect(checks.turn(busy, signal)).toBeNull()
  const done: string[] = []
  for (let i = 0; i < 5; i++) void checks.turn(busy, signal)?.then(() => done.push('busy'))
  void checks.turn(other, signal)?.then(() => done.push('other'))
  const late = checks.turn(stranger, signal)
  await late
  expect(done).toEqual([])
  await clock.advance(1000)
  expect(done).toHaveLength(6)
  expect(done.indexOf('other')).toBeLessThan(3)
  expect(clock.liveTimers).toBe(0)
})

test('a check that is not wanted any more does not wait', async () => {
  const clock = new FakeClock()
  const checks = new NetworkTurns(1, clock, 'a check')
  const controller = createAbort()
  const busy = { network: '192.0.2.1' }
  checks.turn(busy, controller.signal)
  const waiting = checks.turn(busy, controller.signal)
  controller.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
})

test('clients behind a reverse proxy on this machine are not limited together', () => {
  const checks = new NetworkTurns(1, new FakeClock(), 'a check')
  const { signal } = createAbort()
  const local = { network: '127.0.0.1' }
  expect([1, 2, 3].map(() => checks.turn(local, signal))).toEqual([null, null, null])
})

// As after a restart of a server whose clients come from everywhere.
test('of many networks that come at once, each begins once at once, and all are served at the rate of all', async () => {
  const clock = new FakeClock()
  const turns = new NetworkTurns(20, clock, 'the greeting')
  const { signal } = createAbort()
  let done = 0
  for (let i = 0; i < 2000; i++) {
    const turn = turns.turn({ network: `network ${i % 1000}` }, signal)
    if (turn === null) done++
    else void turn.then(() => done++)
  }
  await clock.advance(0)
  expect(done).toBeGreaterThanOrEqual(1000)
  expect(done).toBeLessThan(1000 + 4 * 20 + 4 * 20)
  await clock.advance(14_000)
  expect([done, clock.liveTimers]).toEqual([2000, 0])
})
