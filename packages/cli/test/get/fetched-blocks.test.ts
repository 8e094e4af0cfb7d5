import { expect, test } from 'vitest'
import { FetchedBlocks, MAX_PENDING_BYTES } from '../../src/get/fetched-blocks.js'
import type { Core } from '../../src/share/packages.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { openDrive } from '../share/support.js'

async function openFetched() {
  const { drive } = await openDrive()
  const { core } = await drive.getBlobs()
  return new FetchedBlocks(core)
}

/** Sends blocks of one size, which are kept before they are returned, as a core does. */
function sender(fetched: FetchedBlocks, bytes: number): Core {
  const get = async (index: number) => {
    const block = Buffer.alloc(bytes)
    fetched.add(index, block)
    return block
  }
  return { has: async () => false, get } as unknown as Core
}

test('a block is in memory until it is written, and then in its file', async () => {
  const fetched = await openFetched()
  const offsets: number[] = []
  fetched.began({ path: '/a', start: 5, offsets })
  fetched.add(5, Buffer.from('one'))
  expect([String(fetched.pending(5)), fetched.locate(5)]).toEqual(['one', null])
  offsets.push(0)
  fetched.wrote(5)
  expect([fetched.pending(5), fetched.locate(5)]).toEqual([null, { path: '/a', offset: 0 }])
})

test('blocks are found among files that were begun in any order', async () => {
  const fetched = await openFetched()
  for (const start of [30, 10, 20]) fetched.began({ path: `/${start}`, start, offsets: [0, 7] })
  const found = [9, 10, 11, 12, 20, 31, 32].map((index) => fetched.locate(index))
  expect(found.map((place) => place && `${place.path} ${place.offset}`)).toEqual([
    ...[null, '/10 0', '/10 7', null],
    ...['/20 0', '/30 7', null]
  ])
})

// A sharer that held back the first block and sent the others could fill the memory: it decides how large a block is.
test('blocks that arrive beyond what may wait are refused and not kept', async () => {
  const fetched = await openFetched()
  const bytes = MAX_PENDING_BYTES / 4
  const large = sender(fetched, bytes)
  for (let index = 1; index <= 4; index++) await fetched.fetch(index, large)
  await expect(fetched.fetch(5, large)).rejects.toMatchObject({ exitCode: EXIT.broken })
  expect([fetched.pending(4)?.byteLength, fetched.pending(5)]).toEqual([bytes, null])
  fetched.wrote(1)
  expect((await fetched.fetch(5, large)).byteLength).toBe(bytes)
})
