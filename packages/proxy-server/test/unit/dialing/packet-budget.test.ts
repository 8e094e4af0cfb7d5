import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { PacketBudget } from '../../../src/dialing/packet-budget.js'

test('a client has at most twice the bytes sent that it sends itself', () => {
  const budget = new PacketBudget(100, new FakeClock())
  expect(budget.spend(128)).toBe(true)
  expect(budget.spend(1)).toBe(false)
  budget.earn(100)
  expect(budget.spend(201)).toBe(false)
  expect(budget.spend(200)).toBe(true)
  expect(budget.spend(1)).toBe(false)
})

test('what is saved up is bounded', () => {
  const budget = new PacketBudget(1000, new FakeClock())
  budget.earn(1_000_000)
  let bytes = 0
  while (budget.spend(1024)) bytes += 1024
  expect(bytes).toBe(64 * 1024)
})

test('the number of packets a minute is limited', async () => {
  const clock = new FakeClock()
  const budget = new PacketBudget(3, clock)
  budget.earn(10_000)
  expect([1, 1, 1, 1].map((bytes) => budget.spend(bytes))).toEqual([true, true, true, false])
  await clock.advance(20_001)
  expect([1, 1].map((bytes) => budget.spend(bytes))).toEqual([true, false])
})
