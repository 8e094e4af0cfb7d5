import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { HashBudget } from '../../../src/handshake/hash-budget.js'

test('strangers together cause a limited number of hashes a second, and a few for each handshake beyond that', async () => {
  const clock = new FakeClock()
  const budget = new HashBudget(clock)
  const most = Array.from({ length: 60 }, () => budget.take(10_000))
  expect(most[0]).toBe(1024)
  expect(most.at(-1)).toBe(64)
  expect(most.reduce((sum, hashes) => sum + hashes, 0)).toBeLessThan(55_000)
  expect(budget.take(10)).toBe(10)
  await clock.advance(1000)
  expect(budget.take(10_000)).toBe(1024)
  expect(budget.take(500)).toBe(500)
})
