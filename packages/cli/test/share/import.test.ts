import { once } from 'node:events'
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Hyperdrive } from '../../src/share/packages.js'
import { SharedBlocks } from '../../src/share/shared-blocks.js'
import { assertFolder, importFolder } from '../../src/share/shared-folder.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { leftOutLines } from '../../src/shared/files/file-texts.js'
import { walkFolder } from '../../src/shared/files/folder-walk.js'
import { withinAny } from '../../src/shared/files/real-path.js'
import { temporaryFolder } from '../support/net.js'
import { driveOf, fill, folderWith, keysOf, openDrive, publish } from './support.js'

/** Everything served of a drive's contents, in any version. */
async function servedBytes(drive: Hyperdrive): Promise<string> {
  const { core } = await drive.getBlobs()
  const blocks: string[] = []
  for (let i = 0; i < core.length; i++) {
    if (await core.has(i)) blocks.push(Buffer.from((await core.get(i)) ?? []).toString())
  }
  return blocks.join('|')
}

/** A file's content, as any program that knows Hyperdrive reads it. */
async function contentIn(drive: Hyperdrive, way: string): Promise<string | undefined> {
  const reader = drive as unknown as { get(path: string): Promise<Buffer | null> }
  return (await reader.get(`/${way}`))?.toString()
}

test('a folder is imported, and later its changes; links and our storage are left out', async () => {
  const folder = folderWith({ a: 'one', 'sub/b': 'two', run: '#!x' })
  symlinkSync('/etc/passwd', join(folder, 'link'))
  symlinkSync('/etc', join(folder, 'links'))
  const { drive } = await openDrive()
  expect(await publish(folder, drive)).toEqual({ files: 3, bytes: 9, changed: 3, isKnown: false })
  expect(await keysOf(drive)).toEqual(['/a', '/run', '/sub/b'])
  expect((await drive.entry('/run'))?.value.executable).toBe(true)
  rmSync(join(folder, 'a'))
  rmSync(join(folder, 'run'))
  fill(folder, { c: 'three', run: '#!x', 'sub/b': 'TWO' })
  expect(await publish(folder, drive)).toEqual({ files: 3, bytes: 11, changed: 3, isKnown: true })
  expect(await publish(folder, drive)).toMatchObject({ changed: 0 })
  expect(await keysOf(drive)).toEqual(['/c', '/run', '/sub/b'])
})

test('a file that only becomes executable is published without its content', async () => {
  const folder = folderWith({ run: '# x' })
  const { drive } = await openDrive()
  await publish(folder, drive)
  const { core } = await drive.getBlobs()
  const { length } = core
  chmodSync(join(folder, 'run'), 0o755)
  expect(await publish(folder, drive)).toMatchObject({ changed: 1 })
  expect((await drive.entry('/run'))?.value.executable).toBe(true)
  expect(core.length).toBe(length)
  expect(await servedBytes(drive)).toBe('# x')
})

// A temporary file of an editor, removed at the wrong moment, ended the share.
test('a file that is removed before it is read is left out, and imported when it is back', async () => {
  const folder = folderWith({ a: 'one', b: 'two', c: 'three' })
  const { drive } = await openDrive()
  await publish(folder, drive)
  fill(folder, { b: 'other' })
  const content = walkFolder(folder, null)
  rmSync(join(folder, 'b'))
  const gone: string[] = []
  const seen = new Map<string, string>()
  const shared = await SharedBlocks.open(drive, folder)
  const options = { seen, onGone: (key: string) => void gone.push(key) }
  expect(await importFolder(content, drive, shared, options)).toMatchObject({ files: 2, changed: 1 })
  expect(gone).toEqual(['/b'])
  expect(await keysOf(drive)).toEqual(['/a', '/c'])
  fill(folder, { b: 'other' })
  expect(await importFolder(walkFolder(folder, null), drive, shared, options)).toMatchObject({ files: 3, changed: 1 })
})

test('what is removed while a folder is listed is not listed', () => {
  const folder = folderWith({ a: 'one', 'sub/b': 'two', c: 'three' })
  const remove = (path: string) => {
    if (!path.endsWith('c')) rmSync(path, { recursive: true })
    return false
  }
  expect(walkFolder(folder, null, remove).files.map(({ key }) => key)).toEqual(['/c'])
})

test('a missing folder, a file, and a folder without files are unusable and change nothing', async () => {
  const drive = await driveOf({ a: 'one' })
  const folder = folderWith({ file: 'x' })
  for (const path of [join(folder, 'none'), join(folder, 'file')]) {
    expect(() => assertFolder(path)).toThrow(expect.objectContaining({ exitCode: EXIT.unusable }))
  }
  await expect(publish(folderWith({}), drive)).rejects.toMatchObject({ exitCode: EXIT.unusable })
  await expect(publish(folderWith({ '.env': 'x' }), drive)).rejects.toMatchObject({
    exitCode: EXIT.unusable,
    hint: expect.stringContaining('--no-ignore')
  })
  expect(await keysOf(drive)).toEqual(['/a'])
})

test('files that are now ignored, changed or deleted are no longer served', async () => {
  // The names were removed from the list, but the contents stayed, and anyone with the key could ask for them.
  const folder = folderWith({ '.env': 'secret', a: 'old', b: 'deleted', c: 'stays' })
  const { drive } = await openDrive()
  await publish(folder, drive, false)
  expect(await servedBytes(drive)).toContain('secret')
  rmSync(join(folder, 'b'))
  fill(folder, { a: 'new' })
  await publish(folder, drive)
  expect(await keysOf(drive)).toEqual(['/a', '/c'])
  expect(await servedBytes(drive)).toBe('stays|new')
  // An interrupted import does not know what it has left behind.
  await drive.put('/a', Buffer.from('newer'))
  await publish(folder, drive)
  expect(await servedBytes(drive)).toBe('stays|new')
})

test('storage in a subfolder, and unfinished files of ours, are not published', async () => {
  const { drive } = await openDrive()
  const ours = { 'sub/.swarmway/key': 'secret', '.SwarmWay/key': 'secret', '.swarmway-abc.part': 'half' }
  await publish(folderWith({ a: 'one', 'sub/b': 'two', ...ours }), drive, false)
  expect(await keysOf(drive)).toEqual(['/a', '/sub/b'])
})

test('a folder that contains keys of shares is shared without them', async () => {
  const folder = folderWith({ a: 'one', '.local/share/swarmway/share/a-1/db/key': 'secret', '.local/share/b': 'two' })
  const { files, leftOut } = walkFolder(folder, null, withinAny([join(folder, '.local/share/swarmway')]))
  expect(files.map(({ key }) => key).sort()).toEqual(['/.local/share/b', '/a'])
  expect(leftOut).toEqual([{ way: '.local/share/swarmway/', reason: 'own' }])
})

test('entries that are neither files nor folders, and names a drive would misread, are left out and reported', async () => {
  if (process.platform === 'win32') return
  const folder = folderWith({ a: 'one', 'x\\..\\..\\.env': 'secret' })
  const socket = createServer().listen(join(folder, 'socket'))
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  const { files, leftOut } = walkFolder(folder, null)
  expect(files.map(({ key }) => key)).toEqual(['/a'])
  expect(leftOutLines(leftOut, folder)).toEqual([
    'Left out, neither files nor folders (1): socket.',
    'Left out, with a backslash in the name, which other systems read as a folder (1): x\\..\\..\\.env.'
  ])
})

/**
 * Node reads the name with other bytes in place of those that are not UTF-8. The whole folder failed with "ENOENT"; or, if
 * a file really has the name that Node made, that one was listed twice and the other not reported.
 */
test.runIf(process.platform === 'linux')(
  'files and folders whose names are not UTF-8 are left out and reported',
  () => {
    const folder = folderWith({ a: 'one', 'meant\ufffd': 'two' })
    writeFileSync(Buffer.concat([Buffer.from(join(folder, 'meant')), Buffer.of(0xff)]), 'x')
    mkdirSync(Buffer.concat([Buffer.from(join(folder, 'sub')), Buffer.of(0xff)]))
    const { files, leftOut } = walkFolder(folder, null)
    expect(files.map(({ key }) => key).sort()).toEqual(['/a', '/meant\ufffd'])
    expect(leftOutLines(leftOut, folder)).toEqual([expect.stringContaining('with a name that is not UTF-8 (2): ')])
  }
)

// It was reported as a name that is not UTF-8.
test('a link that leads nowhere is left out as a link, also if its name has the sign for unreadable bytes', () => {
  const folder = folderWith({ a: 'one' })
  symlinkSync('nowhere', join(folder, 'odd\ufffd'))
  expect(walkFolder(folder, null).leftOut).toEqual([{ way: 'odd\ufffd', reason: 'link' }])
})

test('a folder whose only file is removed before it is read has nothing to share', async () => {
  const folder = folderWith({ a: 'one' })
  const content = walkFolder(folder, null)
  rmSync(join(folder, 'a'))
  const { drive } = await openDrive()
  await expect(importFolder(content, drive, await SharedBlocks.open(drive, folder))).rejects.toMatchObject({
    exitCode: EXIT.unusable,
    message: expect.stringContaining('There is no file to share')
  })
  expect(await keysOf(drive)).toEqual([])
})

test('a link that replaces a file or a folder while the folder is read is not followed', async () => {
  // Between listing and reading, a name can come to lead to something that was not meant to be shared.
  const secrets = folderWith({ file: 'secret' })
  for (const name of ['file', 'sub/file']) {
    const folder = folderWith({ [name]: 'mine' })
    const content = walkFolder(folder, null)
    const top = join(folder, name.split('/')[0] ?? '')
    renameSync(top, join(temporaryFolder(), 'away'))
    symlinkSync(name === 'file' ? join(secrets, 'file') : secrets, top)
    const { drive } = await openDrive()
    await expect(importFolder(content, drive, await SharedBlocks.open(drive, folder))).rejects.toMatchObject({
      exitCode: EXIT.unusable
    })
    expect(await keysOf(drive)).toEqual([])
  }
})

test('a large file is imported in pieces and stays intact', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'sub'))
  const large = Buffer.alloc(5_000_000, 'abcdefg')
  writeFileSync(join(folder, 'sub/large'), large)
  const { drive } = await openDrive()
  await publish(folder, drive)
  const blob = (await drive.entry('/sub/large'))?.value.blob
  const { core } = await drive.getBlobs()
  const blocks: Uint8Array[] = []
  for (let i = 0; i < (blob?.blockLength ?? 0); i++) {
    blocks.push((await core.get((blob?.blockOffset ?? 0) + i)) ?? Buffer.alloc(0))
  }
  expect(Buffer.concat(blocks).equals(large)).toBe(true)
})

// Each file was an append of its own, and so two writes of the database: a third of the time of many small files.
test('many small files are appended together, each with its own blocks', async () => {
  const small = Array.from({ length: 300 }, (_, i) => [`small/${i}`, i === 7 ? '' : `content ${i}`])
  const files: Record<string, string> = { ...Object.fromEntries(small), large: 'x'.repeat(20 * 65_536 + 1) }
  const folder = folderWith(files)
  const { drive } = await openDrive()
  const shared = await SharedBlocks.open(drive, folder)
  let appends = 0
  shared.core.on('append', () => appends++)
  await importFolder(walkFolder(folder, null), drive, shared)
  expect(appends).toBeLessThan(10)
  for (const [way, content] of Object.entries(files)) {
    expect(await contentIn(drive, way)).toBe(content)
  }
})

test('an import that is stopped leaves no file without its blocks', async () => {
  const folder = folderWith(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`file-${i}`, `content ${i}`])))
  const { drive } = await openDrive()
  const stop = new AbortController()
  let reads = 0
  const onRead = () => {
    if (++reads === 10) stop.abort(new Error('stopped'))
  }
  const shared = await SharedBlocks.open(drive, folder)
  const importing = importFolder(walkFolder(folder, null), drive, shared, { signal: stop.signal, onRead })
  await expect(importing).rejects.toThrow('stopped')
  const keys = await keysOf(drive)
  expect(keys).not.toEqual([])
  for (const key of keys) {
    const { blockLength = 0, blockOffset = 0 } = (await drive.entry(key))?.value.blob ?? {}
    expect(await shared.core.has(blockOffset, blockOffset + blockLength)).toBe(true)
  }
})
