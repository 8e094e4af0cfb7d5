import { beforeEach, expect, test, vi } from 'vitest'
import { BlockStorage } from '../../src/share/block-storage.js'
import { SharedBlocks } from '../../src/share/shared-blocks.js'
import * as files from '../../src/shared/files/safe-read.js'
import { folderWith, openDrive, publish } from './support.js'

vi.mock('../../src/shared/files/safe-read.js', { spy: true })

beforeEach(() => {
  vi.restoreAllMocks()
})

// A sharer with too many open files took its own files for changed, and withdrew them.
test('a file that cannot be opened for now is not withdrawn', async () => {
  const folder = folderWith({ a: 'one' })
  const { drive } = await openDrive()
  await publish(folder, drive)
  const shared = await SharedBlocks.open(drive, folder)
  const changed: unknown[] = []
  shared.onChanged = (...file) => changed.push(file)
  const storage = BlockStorage.of(shared.core, shared)
  const tooMany = Object.assign(new Error('too many open files'), { code: 'EMFILE' })
  vi.mocked(files.withFile).mockRejectedValueOnce(tooMany)
  expect(await storage.read(0)).toBe(null)
  expect(changed).toEqual([])
  expect(String(await storage.read(0))).toBe('one')
})
