import { cpSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createHyperdrive } from '../../src/share/packages.js'
import { asStorageError, assertApart, getStorage, openStorage, shareStorage } from '../../src/share/storage.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { dataFolder } from '../../src/shared/files/data-folder.js'
import { withinAny } from '../../src/shared/files/real-path.js'
import { parseKey } from '../../src/shared/names/keys.js'
import { temporaryFolder } from '../support/net.js'
import { openDrive, putRaw, useDataFolder } from './support.js'

const data = useDataFolder()

test('the data folder is where each platform expects it', () => {
  const home = () => '/home/me'
  expect(dataFolder({}, 'linux', home)).toBe('/home/me/.local/share/swarmway')
  expect(dataFolder({ XDG_DATA_HOME: '/data' }, 'linux', home)).toBe('/data/swarmway')
  expect(dataFolder({ XDG_DATA_HOME: 'relative' }, 'linux', home)).toBe('/home/me/.local/share/swarmway')
  expect(dataFolder({}, 'darwin', home)).toBe('/home/me/Library/Application Support/swarmway')
  expect(dataFolder({ LOCALAPPDATA: '/local' }, 'win32', home)).toBe('/local/swarmway')
  expect(dataFolder({}, 'win32', home)).toBe('/home/me/AppData/Local/swarmway')
})

test('a shared folder has one storage, whatever path leads to it, and each folder has its own', () => {
  const folder = join(temporaryFolder(), 'my photos')
  const link = join(temporaryFolder(), 'link')
  mkdirSync(folder)
  symlinkSync(folder, link)
  const path = shareStorage(folder)
  expect(path).toMatch(new RegExp(`^${data()}/share/my photos-[0-9a-f]{16}$`))
  expect(shareStorage(`${folder}/../my photos/`)).toBe(path)
  expect(shareStorage(link)).toBe(path)
  expect(basename(shareStorage(temporaryFolder()))).not.toBe(basename(path))
  expect(shareStorage('/')).toMatch(/\/folder-[0-9a-f]{16}$/)
})

test('storage is readable for its owner only', async () => {
  const path = join(shareStorage(temporaryFolder()), 'deeper')
  await (await openStorage(path)).close()
  expect(statSync(path).mode & 0o077).toBe(0)
  expect(statSync(join(path, '..')).mode & 0o077).toBe(0)
})

test('storage in use by another process is reported as such', async () => {
  const path = temporaryFolder()
  const store = await openStorage(path)
  onTestFinished(() => store.close())
  await expect(openStorage(path)).rejects.toMatchObject({
    exitCode: EXIT.unusable,
    message: expect.stringContaining('Another swarmway')
  })
})

test('copied storage is not used', async () => {
  const path = temporaryFolder()
  const store = await openStorage(path)
  await store.close()
  const copy = temporaryFolder()
  cpSync(path, copy, { recursive: true })
  await expect(openStorage(copy)).rejects.toMatchObject({
    exitCode: EXIT.unusable,
    message: expect.stringContaining('is a copy')
  })
  // The original still can be used.
  await (await openStorage(path)).close()
})

test('--storage in the shared folder itself is refused', () => {
  const folder = temporaryFolder()
  const link = join(temporaryFolder(), 'link')
  symlinkSync(folder, link)
  for (const storage of [folder, join(folder, 'store'), join(folder, 'a/b'), join(link, 'store')]) {
    expect(() => assertApart(folder, storage)).toThrow(
      expect.objectContaining({
        exitCode: EXIT.unusable,
        message: expect.stringContaining('is inside the shared folder')
      })
    )
  }
  expect(readdirSync(folder)).toEqual([])
  for (const storage of [join(folder, '.swarmway'), `${folder}-store`]) assertApart(folder, storage)
})

test('a path inside a folder is recognised in any spelling', () => {
  const folder = realpathSync(temporaryFolder())
  const isOwn = withinAny([join(folder, 'Data'), join(folder, 'new')])
  expect(['Data', 'data/x', 'new/y/z'].map((way) => isOwn(join(folder, way)))).toEqual([true, true, true])
  expect(['Data2', '..', '', 'x/Data'].map((way) => isOwn(join(folder, way)))).toEqual([false, false, false, false])
  rmSync(folder, { recursive: true })
})

test('a key is accepted in both spellings, and nothing else is', async () => {
  const { drive } = await openDrive()
  expect(Buffer.from(parseKey(drive.id))).toEqual(Buffer.from(drive.key))
  expect(Buffer.from(parseKey(Buffer.from(drive.key).toString('hex')))).toEqual(Buffer.from(drive.key))
  for (const text of ['', 'x', drive.id.slice(1)]) {
    expect(() => parseKey(text)).toThrow(expect.objectContaining({ exitCode: EXIT.usage }))
  }
})

test('a download shares records with others of its key, but has its own blocks per folder', () => {
  const key = parseKey('y'.repeat(52))
  const [one, other, unnamed] = ['/tmp/a', '/tmp/b', undefined].map((target) => getStorage(key, target))
  const notes = join(data(), 'get', 'y'.repeat(52))
  for (const storage of [one, other, unnamed]) expect(storage).toMatchObject({ notes, isTransient: true })
  expect(new Set([one, other, unnamed].map((storage) => storage?.blocks)).size).toBe(3)
  expect(getStorage(key, '/tmp/a/../a/')).toEqual(one)
  expect(getStorage(key, '/tmp/a', '/store')).toEqual({ notes: '/store', blocks: '/store', isTransient: false })
})

// Hypercore says nothing of blocks that it cannot store, and waited for ever for somebody else who sends them.
test('a storage that cannot be written any more says why', async () => {
  const broken = new AbortController()
  const path = join(temporaryFolder(), 'storage')
  const store = await openStorage(path, broken)
  const drive = createHyperdrive(store)
  onTestFinished(() => drive.close())
  await drive.ready()
  rmSync(path, { recursive: true })
  // The database needs a new file after two megabytes.
  const put = (i: number) => putRaw(drive, `/${i}`, { metadata: 'x'.repeat(500_000) })
  const failure = (async () => {
    for (let i = 0; i < 100; i++) await put(i)
  })()
  await expect(failure).rejects.toThrow('not applied')
  const reason = { message: `${path} was removed while it was in use.`, exitCode: EXIT.unusable }
  expect(broken.signal.reason).toMatchObject(reason)
  expect(asStorageError(await failure.catch((error) => error), broken)).toBe(broken.signal.reason)
})
