import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { Counters } from '../../../src/stats/counters.js'
import { DirectReports } from '../../../src/stats/direct-reports.js'

test('reports add up', async () => {
  const [clock, counters] = [new FakeClock(), new Counters()]
  const [one, other] = [new DirectReports(clock, counters), new DirectReports(clock, counters)]
  await clock.advance(60_000)
  one.take({ connections: 2, bytes: 5_000_000 })
  other.take({ connections: 3, bytes: 1_000_000 })
  await clock.advance(60_000)
  one.take({ connections: 1, bytes: 7 })
  expect([counters.directConnections, counters.directBytes]).toEqual([6, 6_000_007])
})

test('a lie counts for what a fast line could have carried since the last report, and at once again for nothing', async () => {
  const [clock, counters] = [new FakeClock(), new Counters()]
  const reports = new DirectReports(clock, counters)
  const lie = { connections: 2 ** 32 - 1, bytes: Number.MAX_SAFE_INTEGER }
  reports.take(lie)
  expect([counters.directConnections, counters.directBytes]).toEqual([0, 0])
  await clock.advance(2000)
  reports.take(lie)
  reports.take(lie)
  expect([counters.directConnections, counters.directBytes]).toEqual([20, 500_000_000])
})
