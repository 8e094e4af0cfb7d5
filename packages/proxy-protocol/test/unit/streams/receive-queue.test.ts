import { FittedWindow } from '@swarmway/runtime'
import { expect, test } from 'vitest'
import { ReceiveQueue } from '../../../src/streams/receive-queue.js'
import { pattern } from '../../support/helpers.js'

function fixed(bytes: number): FittedWindow {
  return new FittedWindow({ minBytes: bytes, maxBytes: bytes }, { now: () => 0 })
}

function drain(queue: ReceiveQueue): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) chunks.push(chunk)
  return chunks
}

test('small chunks are gathered: memory is a small multiple of the bytes', () => {
  const queue = new ReceiveQueue(fixed(1_000_000))
  const bytes = pattern(100_000)
  for (let i = 0; i < bytes.byteLength; i++) queue.push(bytes.subarray(i, i + 1))
  expect(queue.bytes).toBe(100_000)
  const chunks = drain(queue)
  expect(Buffer.compare(Buffer.concat(chunks), bytes)).toBe(0)
  const memory = [...new Set(chunks.map((chunk) => chunk.buffer))].reduce((sum, buffer) => sum + buffer.byteLength, 0)
  expect(memory).toBeLessThan(200_000)
  expect(chunks.length).toBeLessThan(40)
})

test('a chunk that keeps much other memory alive is copied, others are not; order is kept', () => {
  const queue = new ReceiveQueue(fixed(1_000_000))
  const large = pattern(1_000_000)
  const own = pattern(8000, 2)
  queue.push(large.subarray(0, 5000))
  queue.push(large.subarray(5000, 5010))
  queue.push(own)
  const chunks = drain(queue)
  expect(chunks[0]?.buffer.byteLength).toBeLessThan(10_000)
  expect(chunks[2]).toBe(own)
  expect(Buffer.compare(Buffer.concat(chunks), Buffer.concat([large.subarray(0, 5010), own]))).toBe(0)
  expect(queue.bytes).toBe(0)
})

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
