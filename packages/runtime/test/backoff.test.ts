import { expect, test } from 'vitest'
import { backoffMs } from '../src/index.js'

test('waits double up to a ceiling, and half of each is random', () => {
  const range = { firstMs: 100, maxMs: 1000 }
  const waits = (random: number) =>
    [0, 1, 2, 3, 4, 5000].map((failures) => backoffMs(failures, { ...range, random: () => random }))
  expect(waits(1)).toEqual([100, 200, 400, 800, 1000, 1000])
  expect(waits(0)).toEqual([50, 100, 200, 400, 500, 500])
  for (let i = 0; i < 100; i++) {
    const waitMs = backoffMs(1, range)
    expect(waitMs >= 100 && waitMs <= 200).toBe(true)
  }
})
