import { expect, test } from 'vitest'
import { joinAdjacent } from '../../../src/streams/join-adjacent.js'

const [one, other] = [Uint8Array.from([1, 2, 3, 4, 5, 6]), Uint8Array.from([7, 8, 9])]

/** The contents of chunks, and whether they lie in the buffer `one`. */
const shown = (chunks: Uint8Array[]) => chunks.map((chunk) => [[...chunk], chunk.buffer === one.buffer])

test('chunks that continue each other are one chunk of the same buffer', () => {
  const packets = [one.subarray(0, 2), one.subarray(2, 3), one.subarray(3), other.subarray(0, 1), other.subarray(1)]
  expect(shown(joinAdjacent(packets))).toEqual([
    [[1, 2, 3, 4, 5, 6], true],
    [[7, 8, 9], false]
  ])
})

test('chunks in another order, with a gap or that overlap stay as they are', () => {
  const apart = [one.subarray(3), one.subarray(0, 2), one.subarray(3, 4), one.subarray(3, 5)]
  expect(joinAdjacent(apart)).toEqual(apart)
})

test('nothing stays nothing, and a single chunk is passed on', () => {
  expect(joinAdjacent([])).toEqual([])
  expect(joinAdjacent([other])[0]).toBe(other)
})
