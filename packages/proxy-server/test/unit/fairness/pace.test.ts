import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { createAbort } from '../../../src/client/abort.js'
import { Pace } from '../../../src/fairness/pace.js'

test('a burst begins at once, what follows waits for its turn, and rest refills the burst', async () => {
  const clock = new FakeClock()
  const pace = new Pace(100, 200, clock)
  const { signal } = createAbort()
  const begun: number[] = []
  for (let i = 0; i < 4; i++) void pace.take(100, signal).then(() => begun.push(i))
  await clock.advance(0)
  expect(begun).toEqual([0, 1])
  await clock.advance(999)
  expect(begun).toEqual([0, 1])
  await clock.advance(1001)
  expect(begun).toEqual([0, 1, 2, 3])
  await clock.advance(60_000)
  expect([await pace.take(150, signal), await pace.take(50, signal)]).toEqual([false, false])
  expect(clock.liveTimers).toBe(0)
})

test('a signal ends the wait', async () => {
  const clock = new FakeClock()
  const pace = new Pace(1, 1, clock)
  const controller = createAbort()
  await pace.take(1, controller.signal)
  const waiting = pace.take(1000, controller.signal)
  controller.abort()
  expect(await waiting).toBe(true)
  expect(await pace.take(1, controller.signal)).toBe(false)
  expect(clock.liveTimers).toBe(0)
})
