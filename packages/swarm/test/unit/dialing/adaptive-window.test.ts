import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { AdaptiveWindow } from '../../../src/dialing/adaptive-window.js'

test('a time-out halves what was in progress, at most once a second, and never below the least', async () => {
  const clock = new FakeClock()
  const window = new AdaptiveWindow(3, Number.POSITIVE_INFINITY)
  window.shrink(16, clock.now())
  expect(window.size).toBe(8)
  window.shrink(16, clock.now())
  expect(window.size, 'a dial that began before the shrink').toBe(8)
  await clock.advance(1000)
  window.shrink(8, clock.now())
  expect(window.size).toBe(4)
  await clock.advance(1000)
  window.shrink(4, clock.now())
  expect(window.size).toBe(3)
})

test('an answer adds one, up to the most', () => {
  const window = new AdaptiveWindow(3, 6)
  for (let answer = 0; answer < 5; answer++) window.grow(8)
  expect(window.size).toBe(8)
})

test('it grows slowly by one with as many answers as it has places', () => {
  const window = new AdaptiveWindow(3, 10)
  for (let answer = 0; answer < 10; answer++) window.growSlowly()
  expect(window.size).toBe(10)
  window.growSlowly()
  expect(window.size).toBe(11)
})

test('it starts slowly only as long as nothing is known', () => {
  const window = new AdaptiveWindow(3, Number.POSITIVE_INFINITY)
  window.startSlowly()
  expect(window.size).toBe(3)
  window.grow(8)
  window.startSlowly()
  expect(window.size).toBe(4)
  window.restart()
  window.startSlowly()
  expect(window.size, 'the path is another one').toBe(3)
})
