import { expect, test } from 'vitest'
import { RateLimits } from '../src/rate-limits.js'
import { FakeClock } from './support/fake-clock.js'

test('each key has a rate of its own', async () => {
  const clock = new FakeClock()
  const limits = new RateLimits(clock, { perSecond: 1, capacity: 2, maxKeys: 10 })
  const taken = (key: string) => [1, 2, 3].map(() => limits.take(key))
  expect(taken('a')).toEqual([true, true, false])
  expect(taken('b')).toEqual([true, true, false])
  await clock.advance(1000)
  expect(taken('a')).toEqual([true, false, false])
})

test('of more keys than are remembered, the one that took longest ago is forgotten', () => {
  const limits = new RateLimits(new FakeClock(), { perSecond: 1, capacity: 1, maxKeys: 2 })
  expect([limits.take('a'), limits.take('b'), limits.take('a'), limits.take('c')]).toEqual([true, true, false, true])
  expect(limits.take('a'), 'it took after b').toBe(false)
  expect(limits.take('b')).toBe(true)
})
