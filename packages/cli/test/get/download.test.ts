import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DownloadPlan } from '../../src/get/download-plan.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { assertRoom, type Room } from '../../src/shared/files/free-space.js'
import { contentOf, Download, driveOf, fill, folderWith, openDrive, publish, putRaw } from '../share/support.js'
import { temporaryFolder } from '../support/net.js'

/** How many blocks that many bytes are. */
function wholeBlocks(bytes: number): number {
  return Math.ceil(bytes / 65_536)
}

function namesIn({ kept, refused, skipped, write }: DownloadPlan) {
  const names = (files: readonly { key: string }[]) => files.map(({ key }) => key.slice(1)).sort()
  return {
    write: names(write.map(({ entry }) => entry)),
    kept: names(kept),
    refused: names(refused),
    skipped: names(skipped)
  }
}

test('file names are kept, including strange ones', async () => {
  const files = { 'ä b/日本': 'x', empty: '', 'a:b': 'colon', [`${'x'.repeat(255)}`]: 'long' }
  const download = await Download.of(await driveOf(files), temporaryFolder())
  await download.run()
  expect(contentOf(download.folder)).toEqual(
    Object.fromEntries(Object.entries(files).map(([way, content]) => [way, content]))
  )
})

// They were filled: a disk image took its whole length on the disk.
test('holes stay holes', async () => {
  const content = Buffer.concat([Buffer.alloc(4_000_000), randomBytes(1_000_000), Buffer.alloc(7_000_000)])
  const { drive } = await openDrive()
  const source = temporaryFolder()
  writeFileSync(join(source, 'image'), content)
  await publish(source, drive)
  const download = await Download.of(drive, temporaryFolder())
  await download.run()
  const image = join(download.folder, 'image')
  expect(readFileSync(image).equals(content)).toBe(true)
  expect(statSync(image).blocks * 512).toBeLessThan(2_000_000)
})

test('nothing becomes executable, and an updated file keeps its read permissions', async () => {
  const source = folderWith({ run: '#! 1', private: 'one' })
  const { drive } = await openDrive()
  await publish(source, drive)
  const download = await Download.of(drive, temporaryFolder())
  const modeOf = (name: string) => statSync(join(download.folder, name)).mode & 0o7777
  await download.run()
  expect(modeOf('run') & 0o7111).toBe(0)
  chmodSync(join(download.folder, 'private'), 0o4700)
  chmodSync(join(download.folder, 'run'), 0o755)
  fill(source, { run: '#! 2', private: 'two' })
  await publish(source, drive)
  await download.run()
  expect(contentOf(download.folder)).toEqual({ run: '#! 2', private: 'two' })
  expect(modeOf('private')).toBe(0o600)
  expect(modeOf('run')).toBe(0o644)
})

test('files that get did not write are refused, even with equal size and content, and replaced on request', async () => {
  // They used to be replaced without asking.
  const drive = await driveOf({ same: 'same', size: 'abcd', other: 'new', 'sub/deep': 'new', free: 'new' })
  const mine = { same: 'same', size: 'ABCD', other: 'old', 'sub/deep': 'old', unrelated: 'mine' }
  const download = await Download.of(drive, folderWith(mine))
  expect(namesIn(await download.plan())).toMatchObject({
    write: ['free'],
    refused: ['other', 'same', 'size', 'sub/deep']
  })
  await download.run({ overwrite: true })
  expect(contentOf(download.folder)).toEqual({
    ...{ same: 'same', size: 'abcd', other: 'new', 'sub/deep': 'new', free: 'new' },
    unrelated: 'mine'
  })
})

test('files that get wrote are updated; those changed since are refused, and deleted ones come back', async () => {
  const source = folderWith({ updated: '1', edited: '1', both: '1', deleted: '1', same: '1' })
  const { drive } = await openDrive()
  await publish(source, drive)
  const download = await Download.of(drive, temporaryFolder())
  await download.run()
  expect(namesIn(await download.plan())).toMatchObject({ write: [], refused: [], kept: { length: 5 } })
  fill(download.folder, { edited: '2', both: '3' })
  rmSync(join(download.folder, 'deleted'))
  fill(source, { updated: '2', both: '2' })
  await publish(source, drive)
  expect(namesIn(await download.plan())).toEqual({
    write: ['deleted', 'updated'],
    kept: ['same'],
    refused: ['both', 'edited'],
    skipped: []
  })
  await download.run({ overwrite: true })
  expect(contentOf(download.folder)).toEqual({ updated: '2', edited: '1', both: '2', deleted: '1', same: '1' })
  // Now get has written them.
  expect(namesIn(await download.plan())).toMatchObject({ write: [], refused: [] })
})

test('a share does not replace the files of another, nor any without its record', async () => {
  const folder = temporaryFolder()
  const [one, other] = [await driveOf({ a: '1' }), await driveOf({ a: '2' })]
  await (await Download.of(one, folder)).run()
  expect(namesIn(await (await Download.of(other, folder)).plan())).toMatchObject({ refused: ['a'] })
  expect(namesIn(await (await Download.of(one, folder)).plan())).toMatchObject({ refused: ['a'] })
})

test('a record that is cut off by a crash or garbled makes a file foreign and nothing worse', async () => {
  const download = await Download.of(await driveOf({ a: 'one', b: 'two' }), temporaryFolder())
  await download.run()
  const [file = ''] = readdirSync(join(download.storage, 'written'))
  const path = join(download.storage, 'written', file)
  const [line = ''] = contentOf(download.storage)[`written/${file}`]?.split('\n') ?? []
  writeFileSync(path, `${line}\nnull\n[]\n{"key":"/b","bytes":3}\n{"key":"/b","byt`)
  expect(namesIn(await download.plan())).toMatchObject({ kept: ['a'], refused: ['b'] })
})

test('a file that was recorded but not renamed because of a crash is still ours', async () => {
  const source = folderWith({ a: 'one' })
  const { drive } = await openDrive()
  await publish(source, drive)
  const download = await Download.of(drive, temporaryFolder())
  await download.run()
  fill(source, { a: 'two' })
  await publish(source, drive)
  await download.run()
  // As if the second were recorded but not renamed.
  writeFileSync(join(download.folder, 'a'), 'one')
  const [file = ''] = readdirSync(join(download.storage, 'written'))
  const path = join(download.storage, 'written', file)
  const note = contentOf(download.storage)[`written/${file}`] ?? ''
  const before = { key: '/a', bytes: 3, sha256: createHash('sha256').update('one').digest('hex'), contentId: 'old' }
  writeFileSync(path, `${JSON.stringify(before)}\n${note}`)
  expect(namesIn(await download.plan())).toMatchObject({ write: ['a'], refused: [] })
})

test('names that begin with a dot, on any level, are skipped unless requested', async () => {
  const hidden = ['.bashrc', '.config/autostart/x', 'sub/.env', '.../x', '\u2024git/config', '．hidden']
  const { drive } = await openDrive()
  for (const way of [...hidden, 'a', 'b.c']) await drive.put(`/${way}`, Buffer.from('x'))
  const download = await Download.of(drive, temporaryFolder())
  expect(namesIn(await download.run())).toMatchObject({ write: ['a', 'b.c'], skipped: [...hidden].sort() })
  expect(Object.keys(contentOf(download.folder)).sort()).toEqual(['a', 'b.c'])
  await download.run({ hasHidden: true })
  expect(Object.keys(contentOf(download.folder)).sort()).toEqual([...hidden, 'a', 'b.c'].sort())
})

test('a folder in place of a file, or the reverse, is refused before anything is fetched', async () => {
  const drive = await driveOf({ file: 'x', 'folder/a': 'x', 'folder/sub/b': 'x', good: 'x' })
  const download = await Download.of(drive, folderWith({ 'file/inside': 'mine', folder: 'mine' }))
  for (const overwrite of [false, true]) {
    const { refused } = await download.plan({ overwrite })
    expect(refused.map(({ key, reason }) => `${key}: ${reason}`)).toEqual([
      '/file: a folder is in the way',
      '/folder/a: the file folder is where its folder should be',
      '/folder/sub/b: the file folder is where its folder should be'
    ])
  }
})

test('links to folders or files in the folder are neither followed nor replaced', async () => {
  const outside = folderWith({ file: 'mine' })
  const drive = await driveOf({ 'way/x': 'evil', 'real/way/x': 'evil', file: 'evil', dangling: 'evil' })
  const download = await Download.of(drive, folderWith({ 'real/a': '' }))
  symlinkSync(outside, join(download.folder, 'way'))
  symlinkSync(outside, join(download.folder, 'real/way'))
  symlinkSync(join(outside, 'file'), join(download.folder, 'file'))
  symlinkSync(join(outside, 'new'), join(download.folder, 'dangling'))
  const plan = await download.run({ overwrite: true })
  expect(namesIn(plan)).toMatchObject({ write: [], refused: ['dangling', 'file', 'real/way/x', 'way/x'] })
  expect(contentOf(outside)).toEqual({ file: 'mine' })
})

test('an obstacle that appears after the plan was made is not touched', async () => {
  const outside = temporaryFolder()
  const changes: ((folder: string) => void)[] = [
    (folder) => symlinkSync(outside, join(folder, 'sub')),
    (folder) => fill(folder, { 'sub/file': 'mine' }),
    (folder) => fill(folder, { sub: 'mine' }),
    (folder) => mkdirSync(join(folder, 'sub/file'), { recursive: true })
  ]
  for (const change of changes) {
    const download = await Download.of(await driveOf({ 'sub/file': 'x' }), temporaryFolder())
    const onBegin = () => {
      change(download.folder)
      return () => {}
    }
    await expect(download.run({ onBegin })).rejects.toMatchObject({
      exitCode: EXIT.unusable,
      message: expect.stringContaining('sub/file could not be written')
    })
    expect(Object.values(contentOf(download.folder))).not.toContain('x')
  }
  expect(readdirSync(outside)).toEqual([])
})

test('a file that appears in the way during its download is not replaced', async () => {
  const download = await Download.of(await driveOf({ a: 'theirs' }), temporaryFolder())
  download.duringFiles(() => fill(download.folder, { a: 'mine' }))
  await expect(download.run()).rejects.toMatchObject({ exitCode: EXIT.unusable })
  expect(contentOf(download.folder)).toEqual({ a: 'mine', [await download.unfinished('/a')]: 'theirs' })
})

// The folder was made again, and "Done" counted files that were in the old one.
test('a folder that is moved away between two files ends the download', async () => {
  const source = folderWith({ a: 'old' })
  const { drive } = await openDrive()
  await publish(source, drive)
  const download = await Download.of(drive, temporaryFolder())
  await download.run()
  fill(source, { b: 'new' })
  await publish(source, drive)
  const elsewhere = join(temporaryFolder(), 'moved')
  const onBegin = () => {
    renameSync(download.folder, elsewhere)
    return () => {}
  }
  await expect(download.run({ onBegin })).rejects.toMatchObject({
    message: `${download.folder} was removed or replaced during the download.`,
    exitCode: EXIT.unusable
  })
  expect(contentOf(download.folder)).toEqual({})
  await download.run()
  expect(contentOf(download.folder)).toEqual({ a: 'old', b: 'new' })
})

// The hint said that the next run would resume, but nothing was left.
test('a folder that is removed while a file is written is named, and what the next run does', async () => {
  const download = await Download.of(await driveOf({ a: 'theirs' }), temporaryFolder())
  const end = download.duringFiles(() => rmSync(download.folder, { recursive: true }))
  await expect(download.run()).rejects.toMatchObject({
    message: `${download.folder} was removed or replaced during the download.`,
    hint: 'Run the command again: it gets all files that are not there.'
  })
  end()
  await download.run()
  expect(contentOf(download.folder)).toEqual({ a: 'theirs' })
})

test('a download that is stopped in the middle of a file resumes there', async () => {
  const content = randomBytes(1_000_000).toString('latin1')
  const download = await Download.of(await driveOf({ a: 'first', b: content, c: 'last' }), temporaryFolder())
  const controller = new AbortController()
  const endActions = download.duringFiles((index) => index === 15 && controller.abort(new Error('enough')))
  await expect(download.run({ signal: controller.signal })).rejects.toThrow('enough')
  endActions()
  const unfinished = await download.unfinished('/b')
  const { a, [unfinished]: begin = '', ...others } = contentOf(download.folder)
  expect([a, others]).toEqual(['first', {}])
  expect(begin.length).toBeGreaterThan(0)
  let again = 0
  download.duringFiles(() => void again++)
  expect(namesIn(await download.run())).toMatchObject({ kept: ['a'], write: ['b', 'c'] })
  expect(contentOf(download.folder)['b'] === Buffer.from(content).toString('latin1')).toBe(true)
  expect(Object.keys(contentOf(download.folder))).toEqual(['a', 'b', 'c'])
  expect(again).toBe(wholeBlocks(Buffer.byteLength(content)) + 1 - begin.length / 65_536)
})

// The temporary file got the mode of the one that it replaces, could not be opened again, and everything was fetched twice.
test('a download that replaces a read-only file can be resumed, and keeps its permissions', async () => {
  const source = folderWith({ b: 'old' })
  const { drive } = await openDrive()
  await publish(source, drive)
  const download = await Download.of(drive, temporaryFolder())
  await download.run()
  chmodSync(join(download.folder, 'b'), 0o440)
  fill(source, { b: 'x'.repeat(1_500_000) })
  await publish(source, drive)
  const controller = new AbortController()
  const endActions = download.duringFiles((index) => index === 15 && controller.abort(new Error('enough')))
  await expect(download.run({ signal: controller.signal })).rejects.toThrow('enough')
  endActions()
  const modeOf = (name: string) => statSync(join(download.folder, name)).mode & 0o777
  expect(modeOf(await download.unfinished('/b'))).toBe(0o640)
  await download.run()
  expect([modeOf('b'), contentOf(download.folder)]).toEqual([0o440, { b: 'x'.repeat(1_500_000) }])
})

// The blocks of such a file that were requested already stayed in memory, as many as the sharer liked.
test.each([
  ['shorter', -1],
  ['longer', 1]
])('a file whose list entry is %s than its blocks is refused', async (_, difference) => {
  const { drive } = await openDrive()
  await publish(folderWith({ a: 'x'.repeat(200_000) }), drive)
  const blob = (await drive.entry('/a'))?.value.blob
  if (!blob) throw new Error('no content')
  await putRaw(drive, '/a', { blob: { ...blob, byteLength: blob.byteLength + difference } })
  const download = await Download.of(drive, temporaryFolder())
  await expect(download.run()).rejects.toMatchObject({ exitCode: EXIT.broken })
  expect(Object.keys(contentOf(download.folder))).toEqual([await download.unfinished('/a')])
})

test('a file with more blocks than it needs is refused', async () => {
  const { drive } = await openDrive()
  await publish(folderWith({ a: 'x'.repeat(1000), b: 'y'.repeat(1000) }), drive)
  const blob = (await drive.entry('/a'))?.value.blob
  if (!blob) throw new Error('no content')
  await putRaw(drive, '/a', { blob: { ...blob, blockLength: 1000 } })
  const download = await Download.of(drive, temporaryFolder())
  await expect(download.run()).rejects.toMatchObject({ exitCode: EXIT.broken })
})

test('what an unfinished file has that is not of the share is fetched again', async () => {
  const content = 'x'.repeat(1_500_000)
  const download = await Download.of(await driveOf({ b: content }), temporaryFolder())
  const controller = new AbortController()
  const endActions = download.duringFiles((index) => index === 15 && controller.abort(new Error('enough')))
  await expect(download.run({ signal: controller.signal })).rejects.toThrow('enough')
  endActions()
  const path = join(download.folder, await download.unfinished('/b'))
  const begin = readFileSync(path)
  // Somebody wrote into the third block, and appended something.
  begin[150_000] = 0
  writeFileSync(path, Buffer.concat([begin, Buffer.alloc(500_000)]))
  const indexes: number[] = []
  download.duringFiles((index) => void indexes.push(index))
  await download.run()
  expect(indexes.sort((a, b) => a - b)).toEqual(Array.from({ length: 21 }, (_, i) => i + 2))
  expect(contentOf(download.folder)).toEqual({ b: content })
})

test('a disk that fills up in the middle of a file is reported with a hint, and no partial file is left', async () => {
  const download = await Download.of(await driveOf({ a: 'x' }), temporaryFolder())
  download.duringFiles(() => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { syscall: 'write' })
  })
  await expect(download.run()).rejects.toMatchObject({
    exitCode: EXIT.unusable,
    message: expect.stringContaining('the disk is full'),
    hint: expect.stringContaining('run the command again')
  })
  expect(readdirSync(download.folder)).toEqual([])
})

test('the next download removes what a killed one was writing, even if there is nothing else to do', async () => {
  const download = await Download.of(
    await driveOf({ 'sub/a': 'x', b: 'y' }),
    folderWith({ '.swarmway-other.part': 'half' })
  )
  await download.run()
  rmSync(join(download.folder, 'b'))
  const unfinished = `.swarmway-${download.writer}-old.part`
  fill(download.folder, { [`sub/${unfinished}`]: 'half', [unfinished]: 'half' })
  await download.run()
  expect(Object.keys(contentOf(download.folder)).sort()).toEqual(['.swarmway-other.part', 'b', 'sub/a'])
})

test('a link at the temporary name of a file is not followed', async () => {
  const outside = folderWith({ file: 'mine' })
  const drive = await driveOf({ a: 'x' })
  const download = await Download.of(drive, temporaryFolder())
  await download.plan()
  const unfinished = await download.unfinished('/a')
  const onBegin = () => {
    symlinkSync(join(outside, 'file'), join(download.folder, unfinished))
    return () => {}
  }
  await download.run({ onBegin })
  expect(contentOf(outside)).toEqual({ file: 'mine' })
  expect(contentOf(download.folder)).toEqual({ a: 'x' })
})

const roomOf = (freeBytes: number | null, deviceOf: (path: string) => number = () => 1): Room => {
  return async (path) => ({ device: deviceOf(path), freeBytes })
}

test('nothing is started without room for everything', async () => {
  const download = await Download.of(await driveOf({ a: 'x'.repeat(600) }), join(temporaryFolder(), 'new'))
  await expect(download.run({ room: roomOf(599) })).rejects.toMatchObject({
    exitCode: EXIT.unusable,
    message: expect.stringContaining('600 B are needed, 599 B are free'),
    hint: expect.stringContaining('another disk')
  })
  expect(existsSync(download.folder)).toBe(false)
  await download.run({ room: roomOf(600) })
  expect(contentOf(download.folder)).toEqual({ a: 'x'.repeat(600) })
})

test('needs on one file system are added up', async () => {
  const needs = [
    { path: '/files', bytes: 100 },
    { path: '/blocks', bytes: 50 }
  ]
  await expect(assertRoom(needs, { room: roomOf(149) })).rejects.toMatchObject({ exitCode: EXIT.unusable })
  await assertRoom(needs, { room: roomOf(150) })
  const apart = async (path: string) => ({ device: path === '/' ? 1 : 2, freeBytes: 100 })
  await expect(assertRoom(needs, { room: apart })).rejects.toMatchObject({ exitCode: EXIT.unusable })
  let devices = 0
  await assertRoom(needs, { room: async () => ({ device: devices++, freeBytes: 100 }) })
  // Some file systems do not report it.
  await assertRoom(needs, { room: roomOf(null) })
  await assertRoom([{ path: temporaryFolder(), bytes: 1 }])
  await expect(assertRoom([{ path: temporaryFolder(), bytes: 2 ** 52 }])).rejects.toThrow('not enough room')
})

test('the blocks are deleted when all files are written', async () => {
  const download = await Download.of(await driveOf({ a: 'x'.repeat(1000) }), temporaryFolder())
  const { core } = await download.drive.getBlobs()
  await download.run()
  expect(core.length).toBeGreaterThan(0)
  expect(await core.has(0, core.length)).toBe(false)
})
