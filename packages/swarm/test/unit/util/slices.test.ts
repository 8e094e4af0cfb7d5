import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { Slices } from '../../../src/util/slices.js'
import { WorkingClock } from '../../support/working-clock.js'

test('others have their turn after some milliseconds of work, and every item is worked on once, in order', async () => {
  const clock = new WorkingClock(1)
  const [done, counts]: number[][] = [[], []]
  const items = Array.from({ length: 100 }, (_, index) => index)
  clock.onPause = () => counts?.push(done?.length ?? 0)
  const all = new Slices(clock).each(items, (item) => done?.push(item))
  expect(done?.length).toBeLessThan(20)
  await clock.advance(0)
  await all
  expect(done).toEqual(items)
  expect(counts?.length).toBeGreaterThan(5)
})

test('what came in earlier calls counts', async () => {
  const clock = new WorkingClock(1)
  let pauses = 0
  clock.onPause = () => pauses++
  const slices = new Slices(clock)
  for (let i = 0; i < 40; i++) {
    const called = slices.each([1], () => {})
    await clock.advance(0)
    await called
  }
  expect(pauses).toBeGreaterThan(1)
})

test('a few items are done before it returns', () => {
  let done = 0
  void new Slices(new FakeClock()).each([1, 2, 3], () => done++)
  expect(done).toBe(3)
})
