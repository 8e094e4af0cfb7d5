import { expect, test } from 'vitest'
import { ReadAhead } from '../../src/get/read-ahead.js'

/** A file with blocks of that size, which follows others. */
function fileOf(blockOffset: number, blockLength: number, blockBytes: number) {
  return { blockOffset, blockLength, byteOffset: 0, byteLength: blockLength * blockBytes }
}

// 256 blocks were requested after many small ones, whatever their size.
test('few blocks are requested ahead of a file with large blocks, even after many small ones', async () => {
  let requested = 0
  const fetch = async () => {
    requested++
    return Buffer.alloc(1)
  }
  const ahead = new ReadAhead([fileOf(0, 300, 1), fileOf(300, 300, 4_000_000)], fetch)
  for (let index = 0; index < 300; index++) await ahead.take(0, index)
  await ahead.take(1, 300)
  expect(requested).toBeLessThan(310)
})
