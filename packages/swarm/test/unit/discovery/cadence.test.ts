import { expect, test } from 'vitest'
import { Cadence } from '../../../src/discovery/cadence.js'
import { createRandom } from '../../support/fake-swarm.js'

const HALF = () => 0.5

test('a join is followed by re-lookups on a growing schedule, then refreshes every 10 to 12 minutes', () => {
  const cadence = new Cadence(HALF)
  cadence.restart()
  const steps = Array.from({ length: 7 }, () => cadence.afterSuccess())
  expect(steps.map(({ kind }) => kind)).toEqual([...Array(5).fill('relookup'), 'refresh', 'refresh'])
  expect(steps.map(({ delayMs }) => delayMs)).toEqual([250, 1000, 2500, 6000, 15_000, 660_000, 660_000])
})

test('re-lookups are jittered by half, refreshes by 2 minutes', () => {
  const random = createRandom(3)
  const firsts = Array.from({ length: 50 }, () => {
    const cadence = new Cadence(random)
    const refreshMs = cadence.afterSuccess().delayMs
    cadence.restart()
    return { refreshMs, relookupMs: cadence.afterSuccess().delayMs }
  })
  for (const { refreshMs, relookupMs } of firsts) {
    expect(refreshMs).toBeGreaterThanOrEqual(600_000)
    expect(refreshMs).toBeLessThan(720_000)
    expect(relookupMs).toBeGreaterThanOrEqual(125)
    expect(relookupMs).toBeLessThan(375)
  }
  expect(new Set(firsts.map(({ refreshMs }) => refreshMs)).size).toBe(50)
})

test('a join whose peers are hidden is followed by 20 sweeps, a second apart, and then by its re-lookups', () => {
  const cadence = new Cadence(HALF)
  cadence.restart()
  const steps = Array.from({ length: 26 }, () => cadence.afterSuccess(true))
  expect(steps.map(({ kind }) => kind)).toEqual([...Array(20).fill('sweep'), ...Array(5).fill('relookup'), 'refresh'])
  expect(steps.slice(0, 21).map(({ delayMs }) => delayMs)).toEqual([...Array(20).fill(1000), 250])
})

test('sweeps end as soon as peers are no longer hidden', () => {
  const cadence = new Cadence(HALF)
  cadence.restart()
  const steps = [true, true, false, true].map((isHidden) => cadence.afterSuccess(isHidden).kind)
  expect(steps).toEqual(['sweep', 'sweep', 'relookup', 'sweep'])
})

test('a topic that is only announced has no re-lookups', () => {
  const cadence = new Cadence(HALF)
  cadence.restart()
  cadence.skipRelookups()
  expect([cadence.afterSuccess().kind, cadence.afterSuccess(true).kind]).toEqual(['refresh', 'refresh'])
})

test('a failed query is repeated soon, then less often, down to the normal cadence', () => {
  const cadence = new Cadence(() => 0)
  const delays = Array.from({ length: 2000 }, () => cadence.afterFailure())
  expect(delays.slice(0, 4).map(({ delayMs }) => delayMs)).toEqual([5000, 10_000, 20_000, 40_000])
  expect(delays.every(({ kind }) => kind === 'refresh')).toBe(true)
  expect(delays.at(-1)?.delayMs).toBe(600_000)
})

test('a success resets the failure schedule', () => {
  const cadence = new Cadence(() => 0)
  cadence.afterFailure()
  cadence.afterFailure()
  cadence.afterSuccess()
  expect(cadence.afterFailure().delayMs).toBe(5000)
})
