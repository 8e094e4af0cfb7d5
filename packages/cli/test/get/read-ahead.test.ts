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

// One block was requested whenever one was taken, so each was stored alone: 39,000 writes for 40,000 blocks.
test('blocks of small files are requested many at once', async () => {
  let turns = 0
  let isRequesting = false
  const fetch = async () => {
    if (!isRequesting) turns++
    isRequesting = true
    return Buffer.alloc(1)
  }
  const ahead = new ReadAhead(
    Array.from({ length: 2000 }, (_, i) => fileOf(i, 1, 1)),
    fetch
  )
  for (let file = 0; file < 2000; file++) {
    await ahead.take(file, file)
    isRequesting = false
  }
  expect(turns).toBeLessThan(40)
})
