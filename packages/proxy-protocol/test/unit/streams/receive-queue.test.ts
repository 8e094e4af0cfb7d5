import { FittedWindow } from '@swarmway/runtime'
import { expect, test } from 'vitest'
import { ReceiveQueue } from '../../../src/streams/receive-queue.js'

function fixed(bytes: number): FittedWindow {
  return new FittedWindow({ minBytes: bytes, maxBytes: bytes }, { now: () => 0 })
}

test('credit: charged on receipt, given back in halves of the window', () => {
  const queue = new ReceiveQueue(fixed(1000))
  queue.charge(1000)
  expect(() => queue.charge(1)).toThrow(/beyond the credit/)
  expect(() => queue.charge(0)).toThrow(/without data/)
  expect(queue.consume(499, 0)).toBe(0)
  expect(queue.consume(1, 0)).toBe(500)
  queue.charge(500)
  expect(() => queue.charge(1)).toThrow()
})
