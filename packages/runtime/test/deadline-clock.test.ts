import { expect, test } from 'vitest'
import { deadlineClock, systemClock } from '../src/index.js'
import { FakeClock } from './support/fake-clock.js'
import { StallingClock } from './support/stalling-clock.js'

function deadline(clock: FakeClock, delayMs: number) {
  const state = { fired: 0 }
  const timer = deadlineClock(clock).setTimeout(() => state.fired++, delayMs)
  return { state, timer }
}

test('without stalls a deadline is met to the millisecond, and leaves no timer', async () => {
  const clock = new FakeClock()
  const { state } = deadline(clock, 30_000)
  await clock.advance(29_999)
  expect(state.fired).toBe(0)
  await clock.advance(1)
  expect(state.fired).toBe(1)
  expect(clock.liveTimers).toBe(0)
})

/**
 * A server stood still for 20 s of a grace period of 30 s. When it woke, the timer fired before it read the greetings
 * that waited in its sockets, and all sessions expired.
 */
test.each([
  ['at the beginning', 500],
  ['in the middle', 5000],
  ['just before the end', 9900]
])('a stall %s of the time does not count', async (_, beforeMs) => {
  const clock = new StallingClock()
  const { state } = deadline(clock, 30_000)
  await clock.advance(beforeMs)
  clock.stall(20_000)
  await clock.advance(30_000 - beforeMs)
  expect(state.fired).toBe(0)
  await clock.advance(21_000)
  expect(state.fired).toBe(1)
  expect(clock.liveTimers).toBe(0)
})

test('a deadline is extended to at most twice its delay', async () => {
  const clock = new StallingClock()
  const { state } = deadline(clock, 10_000)
  for (let i = 0; i < 40; i++) {
    clock.stall(10_000)
    await clock.advance(500)
  }
  expect(state.fired).toBe(1)
})

test('a stall before the deadline was set is not its affair', async () => {
  const clock = new StallingClock()
  const first = deadline(clock, 60_000)
  await clock.advance(1000)
  clock.stall(5000)
  await clock.advance(1000)
  const { state } = deadline(clock, 2000)
  await clock.advance(2000)
  expect(state.fired).toBe(1)
  deadlineClock(clock).clearTimeout(first.timer)
})

test('a cancelled deadline does not fire, and short timers stay as they are', async () => {
  const clock = new StallingClock()
  const long = deadline(clock, 5000)
  const short = deadline(clock, 500)
  const gone = deadline(clock, 500)
  deadlineClock(clock).clearTimeout(long.timer)
  deadlineClock(clock).clearTimeout(long.timer)
  deadlineClock(clock).clearTimeout(gone.timer)
  clock.stall(400)
  await clock.advance(500)
  expect([long.state.fired, short.state.fired, gone.state.fired]).toEqual([0, 1, 0])
  expect(clock.liveTimers).toBe(0)
})

test('there is one such clock for each clock', () => {
  const clock = deadlineClock(systemClock)
  expect(deadlineClock(systemClock)).toBe(clock)
  expect(deadlineClock(clock)).toBe(clock)
  expect(clock.now() - systemClock.now()).toBeLessThan(60_000)
})
