import { expect, test, vi } from 'vitest'
import {
  type Clock,
  type EpochMs,
  type MonotonicMs,
  monotonicMs,
  RateLimit,
  systemClock,
  systemWallClock,
  type WallClock
} from '../src/index.js'

const DAY_MS = 86_400_000

/** A swarm measured time with `Date.now`. When the clock was set back a minute, it refused what its limits allowed. */
test.each([-DAY_MS, -60_000, 60_000, DAY_MS])(
  'a jump of the time of day by %i ms does not move the clock',
  (jumpMs) => {
    const [moment, date] = [systemClock.now(), systemWallClock.now()]
    vi.spyOn(Date, 'now').mockReturnValue(date + jumpMs)
    try {
      expect(systemWallClock.now()).toBe(date + jumpMs)
      const passed = systemClock.now() - moment
      expect(passed >= 0 && passed < 60_000).toBe(true)
    } finally {
      vi.restoreAllMocks()
    }
  }
)

test('the compiler refuses a date where a moment belongs, and vice versa', () => {
  const moment: MonotonicMs = systemClock.now()
  const date: EpochMs = systemWallClock.now()
  const wall: EpochMs = Date.now()
  // @ts-expect-error a moment is not a date
  const wrongDate: EpochMs = moment
  // @ts-expect-error a date is not a moment
  const wrongMoment: MonotonicMs = date
  // @ts-expect-error neither is a plain number, which may come from any clock
  const plain: MonotonicMs = wall
  // @ts-expect-error a clock of dates does not measure durations
  const clock: Clock = { ...systemClock, now: () => Date.now() }
  // @ts-expect-error a monotonic clock does not give dates
  const wallClock: WallClock = systemClock
  expect([wrongDate, wrongMoment, plain, clock, wallClock].every((value) => value !== undefined)).toBe(true)
})

test('a rate limit holds a burst, refills, and lets an expensive event leave a debt', () => {
  let now = 0
  const clock = { ...systemClock, now: () => monotonicMs(now) }
  const limit = new RateLimit(10, clock, 20)
  expect(Array.from({ length: 21 }, () => limit.take()).filter(Boolean)).toHaveLength(20)
  now = 100
  expect([limit.take(15), limit.take()]).toEqual([true, false])
  now = 1400
  expect(limit.take()).toBe(false)
  now = 1600
  expect([limit.take(), limit.take()]).toEqual([true, false])
})
