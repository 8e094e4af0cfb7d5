import { expect, test } from 'vitest'
import { ByteQueue } from '../src/index.js'

const allocate = (byteLength: number) => Buffer.allocUnsafeSlow(byteLength)

function pattern(byteLength: number): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, index) => index % 251)
}

function drain(queue: ByteQueue): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) chunks.push(chunk)
  return chunks
}

test('small chunks are gathered: memory is a small multiple of the bytes', () => {
  const queue = new ByteQueue(allocate)
  const bytes = pattern(100_000)
  for (let i = 0; i < bytes.byteLength; i++) queue.push(bytes.subarray(i, i + 1))
  expect(queue.byteLength).toBe(100_000)
  const chunks = drain(queue)
  expect(Buffer.compare(Buffer.concat(chunks), bytes)).toBe(0)
  const memory = [...new Set(chunks.map((chunk) => chunk.buffer))].reduce((sum, buffer) => sum + buffer.byteLength, 0)
  expect(memory).toBeLessThan(200_000)
  expect(chunks.length).toBeLessThan(40)
})

test('a chunk that keeps much other memory alive is copied, others are not; order is kept', () => {
  const queue = new ByteQueue(allocate)
  const large = pattern(1_000_000)
  const own = pattern(8000)
  queue.push(large.subarray(0, 5000))
  queue.push(large.subarray(5000, 5010))
  queue.push(own)
  const chunks = drain(queue)
  expect(chunks[0]?.buffer.byteLength).toBeLessThan(10_000)
  expect(chunks[2]).toBe(own)
  expect(Buffer.compare(Buffer.concat(chunks), Buffer.concat([large.subarray(0, 5010), own]))).toBe(0)
  expect(queue.byteLength).toBe(0)
})

test('what was cleared is gone, and the queue can be used again', () => {
  const queue = new ByteQueue(allocate)
  queue.push(pattern(10))
  queue.push(pattern(20))
  queue.clear()
  expect([queue.byteLength, queue.shift()]).toEqual([0, undefined])
  queue.push(pattern(5))
  expect(drain(queue)).toEqual([pattern(5)])
})
