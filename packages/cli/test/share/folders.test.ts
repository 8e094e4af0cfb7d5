import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { download } from '../../src/share/download.js'
import { parseKey } from '../../src/share/key.js'
import { type Core, type Drive, type Entry, Hyperdrive } from '../../src/share/packages.js'
import { blockRanges } from '../../src/share/prefetch.js'
import { presentBytes } from '../../src/share/present-bytes.js'
import { listRemoteFiles } from '../../src/share/remote-files.js'
import { assertFolder, importFolder } from '../../src/share/shared-folder.js'
import { openStorage } from '../../src/share/storage.js'
import { EXIT } from '../../src/shared/exit-codes.js'
import { temporaryFolder } from '../support/net.js'

/** The inside of a drive, for writing what no honest program writes. */
interface Inside {
  db: { put(key: string, value: object, options: { keyEncoding: object }): Promise<void> }
}

const require = createRequire(import.meta.url)
/** How a drive keeps the names of files; the package comes with hyperdrive. */
const SubEncoder = createRequire(require.resolve('hyperdrive'))('sub-encoder') as new (...names: string[]) => object
const fileNames = new SubEncoder('files', 'utf-8')

const SILENT = { onBegin: () => () => {} }

async function openDrive(folder = temporaryFolder()): Promise<Hyperdrive> {
  const drive = new Hyperdrive(await openStorage(folder))
  onTestFinished(() => drive.close())
  await drive.ready()
  return drive
}

function folderWith(files: Record<string, string>): string {
  const folder = temporaryFolder()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

async function keysOf(drive: Hyperdrive): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of drive.list('/')) keys.push(key)
  return keys
}

test('a folder is imported, then what has changed; links and our storage are left out', async () => {
  const folder = folderWith({ a: 'one', 'sub/b': 'two' })
  symlinkSync('/etc/passwd', join(folder, 'link'))
  symlinkSync('/etc', join(folder, 'links'))
  const drive = await openDrive(folder)
  expect(await importFolder(folder, drive)).toEqual({ files: 2, bytes: 6, changed: 2, isKnown: false })
  expect(await keysOf(drive)).toEqual(['/a', '/sub/b'])
  rmSync(join(folder, 'a'))
  writeFileSync(join(folder, 'c'), 'three')
  expect(await importFolder(folder, drive)).toEqual({ files: 2, bytes: 8, changed: 2, isKnown: true })
  expect(await importFolder(folder, drive)).toMatchObject({ changed: 0 })
  expect(await keysOf(drive)).toEqual(['/c', '/sub/b'])
})

test('no folder, a file, and a folder without files are told as unusable', async () => {
  const drive = await openDrive()
  const folder = folderWith({ file: 'x' })
  for (const path of [join(folder, 'none'), join(folder, 'file')]) {
    expect(() => assertFolder(path)).toThrow(expect.objectContaining({ exitCode: EXIT.unusable }))
  }
  await expect(importFolder(temporaryFolder(), drive)).rejects.toMatchObject({ exitCode: EXIT.unusable })
})

test('a folder that another process works on is told as such', async () => {
  const folder = temporaryFolder()
  await openDrive(folder)
  await expect(openStorage(folder)).rejects.toMatchObject({
    exitCode: EXIT.unusable,
    message: expect.stringContaining('Another swarmway')
  })
})

test('storage that was copied with its folder is not used', async () => {
  const folder = temporaryFolder()
  const store = await openStorage(folder)
  await store.close()
  const copy = temporaryFolder()
  cpSync(folder, copy, { recursive: true })
  await expect(openStorage(copy)).rejects.toMatchObject({
    exitCode: EXIT.unusable,
    message: expect.stringContaining('is a copy')
  })
  // The original still can be.
  await (await openStorage(folder)).close()
})

test('what a stranger wrote to lead elsewhere is skipped, and the rest arrives', async () => {
  const drive = await openDrive()
  await drive.put('/good', Buffer.from('good'))
  const { db } = drive as unknown as Inside
  const value = { executable: false, linkname: null, blob: null, metadata: null }
  const put = (key: string, entry: object) => db.put(key, entry, { keyEncoding: fileNames })
  for (const key of ['/../up', '/a//b', '/a/../../up', '/.swarmway/evil', '/way/out']) await put(key, value)
  await put('/evil-link', { ...value, linkname: '/etc/passwd' })
  await put('/evil-blob', { ...value, blob: { blockOffset: -1, blockLength: 1, byteOffset: 0, byteLength: 1 } })
  const parent = temporaryFolder()
  const target = join(parent, 'target')
  mkdirSync(target)
  symlinkSync(parent, join(target, 'way'))
  const { files: count, skipped } = await download(drive, target, SILENT)
  expect(skipped.map(({ key }) => key).sort()).toEqual(
    ['/../up', '/a//b', '/a/../../up', '/.swarmway/evil', '/evil-blob', '/evil-link', '/way/out'].sort()
  )
  expect(count).toBe(1)
  expect(readdirSync(parent)).toEqual(['target'])
  expect(readdirSync(target).sort()).toEqual(['good', 'way'])
})

test('names of files are what they are, also the strange ones, and the execute bit stays', async () => {
  const folder = folderWith({ 'ä b/日本': 'x', empty: '', '...': 'dots' })
  writeFileSync(join(folder, 'run'), '#!', { mode: 0o755 })
  const drive = await openDrive(folder)
  await importFolder(folder, drive)
  const target = temporaryFolder()
  expect(await download(drive, target, SILENT)).toMatchObject({ files: 4, written: 4, skipped: [] })
  expect(readFileSync(join(target, 'ä b/日本'), 'utf8')).toBe('x')
  expect(existsSync(join(target, 'empty'))).toBe(true)
})

test('files of the same name are overwritten, others stay, and equal ones are not written again', async () => {
  const folder = folderWith({ same: 'same', other: 'new' })
  const drive = await openDrive(folder)
  await importFolder(folder, drive)
  const target = folderWith({ same: 'same', other: 'old', mine: 'mine' })
  expect(await download(drive, target, SILENT)).toMatchObject({ files: 2, written: 1 })
  expect(readFileSync(join(target, 'other'), 'utf8')).toBe('new')
  expect(readFileSync(join(target, 'mine'), 'utf8')).toBe('mine')
})

test('a folder where a file should be is told with the path', async () => {
  const folder = folderWith({ thing: 'x' })
  const drive = await openDrive(folder)
  await importFolder(folder, drive)
  const target = folderWith({ 'thing/inside': 'y' })
  await expect(download(drive, target, SILENT)).rejects.toMatchObject({
    exitCode: EXIT.unusable,
    message: expect.stringContaining('thing')
  })
})

test('a key is read in both spellings, and nothing else is', async () => {
  const drive = await openDrive()
  expect(Buffer.from(parseKey(drive.id))).toEqual(Buffer.from(drive.key))
  expect(Buffer.from(parseKey(Buffer.from(drive.key).toString('hex')))).toEqual(Buffer.from(drive.key))
  for (const text of ['', 'x', drive.id.slice(1)]) {
    expect(() => parseKey(text)).toThrow(expect.objectContaining({ exitCode: EXIT.usage }))
  }
})

test('blocks of files that lie side by side are fetched as one range', () => {
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

test('storage in a folder within is not published: it was, with the secret key of that folder', async () => {
  const folder = folderWith({ a: 'one', 'sub/b': 'two', 'sub/.swarmway/key': 'secret', '.SwarmWay/key': 'secret' })
  const drive = await openDrive()
  expect(await importFolder(folder, drive)).toMatchObject({ files: 2 })
  expect(await keysOf(drive)).toEqual(['/a', '/sub/b'])
})

test('--storage in the folder itself would be published, or written by strangers, so it is refused', async () => {
  const folder = temporaryFolder()
  const link = join(temporaryFolder(), 'link')
  symlinkSync(folder, link)
  for (const storage of [folder, join(folder, 'store'), join(folder, 'a/b'), join(link, 'store')]) {
    await expect(openStorage(folder, storage)).rejects.toMatchObject({
      exitCode: EXIT.unusable,
      message: expect.stringContaining('lies in the folder')
    })
  }
  expect(readdirSync(folder)).toEqual([])
  for (const storage of [join(folder, '.swarmway'), `${folder}-store`]) {
    onTestFinished(() => rmSync(`${folder}-store`, { recursive: true, force: true }))
    await (await openStorage(folder, storage)).close()
  }
})

test('a file that goes away while the folder is read is told', async () => {
  // Whatever could not be read ended as a fault of the program.
  const folder = folderWith({ a: 'one' })
  const drive = await openDrive()
  const { entry } = drive
  let calls = 0
  drive.entry = (...args) => {
    // The second is the last before the file is opened.
    if (++calls === 2) rmSync(join(folder, 'a'))
    return entry.apply(drive, args)
  }
  await expect(importFolder(folder, drive)).rejects.toMatchObject({
    exitCode: EXIT.unusable,
    message: expect.stringContaining('could not be read')
  })
})

test('a link that appears after the files were looked through is not followed', async () => {
  const drive = await openDrive()
  await importFolder(folderWith({ 'a/file': 'x', 'b/file': 'x' }), drive)
  const [target, elsewhere] = [temporaryFolder(), temporaryFolder()]
  const onBegin = () => {
    symlinkSync(elsewhere, join(target, 'b'))
    return () => {}
  }
  await expect(download(drive, target, { onBegin })).rejects.toMatchObject({
    exitCode: EXIT.unusable,
    message: expect.stringContaining('a link is in the way')
  })
  expect(readdirSync(elsewhere)).toEqual([])
})

/** A drive of these files, which nobody could have on a disk. */
function driveOf(...keys: string[]): Drive {
  const value = { executable: false, linkname: null, blob: null, metadata: null }
  return {
    async *list() {
      for (const key of keys) yield { key, value }
    }
  } as unknown as Drive
}

test('a file that is in the way of another is kept, and the other skipped', async () => {
  // The download ended at the first of them, whatever else there was to get.
  const wantedOn = async (platform: NodeJS.Platform) => {
    const drive = driveOf('/A', '/a', '/a-', '/a/b', '/c')
    return (await listRemoteFiles(drive, temporaryFolder(), platform)).wanted.map(({ key }) => key)
  }
  expect(await wantedOn('linux')).toEqual(['/A', '/a', '/a-', '/c'])
  expect(await wantedOn('darwin')).toEqual(['/A', '/a-', '/c'])
})

test('a file that says to have more blocks than there are does not keep us counting', async () => {
  // It took until the end of time, and not even Ctrl-C got through.
  const asked: number[] = []
  const core = { length: 2, has: async (start: number, end?: number) => end === undefined && asked.push(start) > 1 }
  const blob = { blockOffset: 0, blockLength: Number.MAX_SAFE_INTEGER - 1, byteOffset: 0, byteLength: 10 }
  const entry: Entry = { key: '/x', value: { executable: false, linkname: null, blob, metadata: null } }
  expect(await presentBytes(core as unknown as Core, [entry])).toBe(0)
  expect(asked).toEqual([0, 1])
})
