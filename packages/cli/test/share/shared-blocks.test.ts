import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BlockStorage } from '../../src/share/block-storage.js'
import type { Hyperdrive } from '../../src/share/packages.js'
import { SharedBlocks } from '../../src/share/shared-blocks.js'
import { fill, folderWith, openDrive, publish } from './support.js'

/** The first block of a file. */
async function startOf(drive: Hyperdrive, key: string): Promise<number> {
  return (await drive.entry(key))?.value.blob?.blockOffset ?? -1
}

// The blocks after the first bad one were looked for in the file before it, which was then withdrawn as well.
test('a file that has changed is reported once, and its neighbours are served', async () => {
  const folder = folderWith({ a: 'before', b: 'x'.repeat(300_000), c: 'after' })
  const { drive } = await openDrive()
  await publish(folder, drive)
  const shared = await SharedBlocks.open(drive, folder)
  const changed: unknown[] = []
  shared.onChanged = (...file) => changed.push(file)
  fill(folder, { b: 'y'.repeat(300_000) })
  const [b, c] = [await startOf(drive, '/b'), await startOf(drive, '/c')]
  const storage = BlockStorage.of(shared.core, shared)
  for (let index = b; index < c; index++) expect(await storage.read(index)).toBe(null)
  expect(changed).toEqual([['/b', b]])
  expect(String(await storage.read(await startOf(drive, '/a')))).toBe('before')
  expect(String(await storage.read(c))).toBe('after')
})

test('a block of no file is not looked for in the file before it', async () => {
  const folder = folderWith({ a: 'one', b: 'two' })
  const { drive } = await openDrive()
  await publish(folder, drive)
  const shared = await SharedBlocks.open(drive, folder)
  const entry = await drive.entry('/a')
  shared.keep(entry === null ? [] : [entry])
  const changed: unknown[] = []
  shared.onChanged = (...file) => changed.push(file)
  const b = await startOf(drive, '/b')
  expect([shared.locate(b - 1)?.path, shared.locate(b)]).toEqual([join(folder, 'a'), null])
  shared.onLost(b)
  expect(changed).toEqual([])
})

test('while a file is read, the one before it has an end', async () => {
  const { drive } = await openDrive()
  const shared = await SharedBlocks.open(drive, '/folder')
  shared.begin('/a', 0)
  await shared.core.append([Buffer.from('1'), Buffer.from('2')])
  shared.begin('/b', 2)
  expect([0, 1, 2, 9].map((index) => shared.locate(index))).toEqual([
    { path: '/folder/a', offset: 0 },
    { path: '/folder/a', offset: 65_536 },
    { path: '/folder/b', offset: 0 },
    { path: '/folder/b', offset: 7 * 65_536 }
  ])
})
