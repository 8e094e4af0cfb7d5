import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test, vi } from 'vitest'
import { SendBuffer } from '../../../src/paths/send-buffer.js'

const CHUNK_COUNT = 1000
const CHUNK_BYTES = 24
const TINY_COUNT = 1_000_000

function sentChunks(): SendBuffer {
  const buffer = new SendBuffer()
  for (let i = 0; i < CHUNK_COUNT; i++) buffer.append(new Uint8Array(CHUNK_BYTES).fill(i))
  buffer.take(CHUNK_COUNT * CHUNK_BYTES)
  return buffer
}

// A peer that acknowledged each piece of 4 MiB on its own made us move all the others each time: seconds of work.
test('an acknowledgement does not move the chunks that it leaves', () => {
  const buffer = sentChunks()
  const splice = vi.spyOn(Array.prototype, 'splice')
  onTestFinished(() => splice.mockRestore())
  for (let acked = CHUNK_BYTES; acked <= CHUNK_COUNT * CHUNK_BYTES; acked += CHUNK_BYTES) buffer.ack(acked, acked)
  expect(splice).not.toHaveBeenCalled()
  expect(buffer.ackedOffset).toBe(CHUNK_COUNT * CHUNK_BYTES)
})

test('what an acknowledgement leaves is sent again, from within a chunk too', () => {
  const buffer = sentChunks()
  buffer.ack(10 * CHUNK_BYTES, 1e6)
  buffer.ack(12 * CHUNK_BYTES + 5, 1e6)
  buffer.rewind()
  const parts = buffer.take(CHUNK_BYTES)
  expect(parts.map((part) => [part[0], part.byteLength])).toEqual([
    [12, CHUNK_BYTES - 5],
    [13, 5]
  ])
  buffer.ack(12 * CHUNK_BYTES + 6, 1e6)
  expect(buffer.take(1)[0]?.[0]).toBe(13)
})

test('what was acknowledged before it was sent again is not sent', () => {
  const buffer = sentChunks()
  buffer.rewind()
  buffer.ack(20 * CHUNK_BYTES, 1e6)
  buffer.rewind()
  expect(buffer.take(1)[0]?.[0]).toBe(20)
})

// An application that writes a byte at a time had 8 bytes kept for each that was ever on its way, until its connection closed.
test('many tiny chunks leave no memory behind', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const buffer = new SendBuffer()
  collect()
  const before = process.memoryUsage().heapUsed
  const byte = new Uint8Array(1)
  for (let i = 0; i < TINY_COUNT; i++) buffer.append(byte)
  buffer.ack(0, TINY_COUNT)
  buffer.take(TINY_COUNT)
  buffer.ack(TINY_COUNT, TINY_COUNT)
  collect()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(TINY_COUNT)
})
