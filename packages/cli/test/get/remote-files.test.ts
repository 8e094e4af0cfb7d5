import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { listRemoteFiles } from '../../src/get/remote-files.js'
import { blockRanges } from '../../src/share/block-ranges.js'
import type { Drive, Entry } from '../../src/share/packages.js'
import { Download, folderWith, openDrive, putRaw } from '../share/support.js'

test('names crafted to lead elsewhere are skipped, and the rest arrives', async () => {
  const { drive } = await openDrive()
  await drive.put('/good', Buffer.from('good'))
  const names = ['/../up', '/a//b', '/a/../../up', '/.swarmway/evil', '/.swarmway-x.part', '/C:\\x', '/a\\b', '/a\0b']
  const unseen = ['/a\u001b[2Jb', '/gpj.\u202eexe', `/${'y'.repeat(256)}`, `/${'z/'.repeat(2000)}z`]
  for (const key of [...names, ...unseen]) await putRaw(drive, key)
  await putRaw(drive, '/evil-link', { linkname: '/etc/passwd' })
  const blob = { blockOffset: 0, blockLength: 1, byteOffset: 0, byteLength: 1 }
  await putRaw(drive, '/evil-blob', { blob: { ...blob, blockOffset: -1 } })
  await putRaw(drive, '/evil-kind', { blob: 7 })
  await putRaw(drive, '/evil-pieces', { blob: { ...blob, blockMap: true } })
  const download = await Download.of(drive, folderWith({}))
  const { skipped, write } = await download.run({ hasHidden: true })
  expect(skipped.map(({ key }) => key).sort()).toEqual(
    [...names, ...unseen, '/evil-blob', '/evil-kind', '/evil-link', '/evil-pieces'].sort()
  )
  expect(write.map(({ entry }) => entry.key)).toEqual(['/good'])
  expect(readdirSync(download.folder)).toEqual(['good'])
})

test('blocks of adjacent files are fetched as one range', () => {
  const entry = (blockOffset: number, blockLength: number): Entry => ({
    key: '/x',
    value: {
      executable: false,
      linkname: null,
      metadata: null,
      blob: { blockOffset, blockLength, byteOffset: 0, byteLength: 1 }
    }
  })
  const empty: Entry = { key: '/y', value: { executable: false, linkname: null, metadata: null, blob: null } }
  expect(blockRanges([entry(5, 2), empty, entry(0, 3), entry(3, 1), entry(7, 1), entry(9, 0)])).toEqual([
    { start: 0, end: 4 },
    { start: 5, end: 8 }
  ])
  expect(blockRanges([])).toEqual([])
})

/** A drive of these files, which no disk could hold. */
function driveOfNames(...keys: string[]): Drive {
  const value = { executable: false, linkname: null, blob: null, metadata: null }
  return {
    async *list() {
      for (const key of keys) yield { key, value }
    }
  }
}

test('of two files that collide one is kept and the other skipped', async () => {
  // The download failed at the first such file, whatever else there was to get.
  const wantedOn = async (platform: NodeJS.Platform) => {
    const drive = driveOfNames('/A', '/a', '/a-', '/a/b', '/c')
    return (await listRemoteFiles(drive, { platform })).wanted.map(({ key }) => key)
  }
  expect(await wantedOn('linux')).toEqual(['/A', '/a', '/a-', '/c'])
  expect(await wantedOn('darwin')).toEqual(['/A', '/a-', '/c'])
})
