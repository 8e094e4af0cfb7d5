import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { run, start } from '../support/command.js'
import { NO_DHT, temporaryFolder, useNetwork } from '../support/net.js'
import { contentOf, diskBytesOf, keyOf, useDataFolder } from './support.js'

const network = useNetwork()
useDataFolder()

/** The most that `folder` took while the work was done. */
async function mostBytes(folder: string, work: Promise<unknown>): Promise<number> {
  let most = diskBytesOf(folder)
  let isDone = false
  const end = work.finally(() => {
    isDone = true
  })
  while (!isDone) {
    most = Math.max(most, diskBytesOf(folder))
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 20))])
  }
  return Math.max(most, diskBytesOf(folder))
}

/** Shares a folder and gets it. Returns what the data of both took on the disk, at most. */
async function passOn(folder: string, target: string) {
  const { native } = network()
  const [storage, blocks] = [temporaryFolder(), temporaryFolder()]
  const sharing = start(['share', folder, '--storage', storage, ...native])
  const key = await keyOf(sharing)
  const reading = sharing.says('Get it with')
  const whileRead = await mostBytes(storage, reading)
  const getting = run(['get', key, target, '--storage', blocks, ...native])
  const [whileSent, whileFetched] = await Promise.all([mostBytes(storage, getting), mostBytes(blocks, getting)])
  expect(await getting).toMatchObject({ code: EXIT.ok })
  await sharing.kill('SIGINT').outcome()
  return { sharer: Math.max(whileRead, whileSent), getter: whileFetched }
}

// A shared folder of 500 MB took 1.2 GB of disk, and a download twice its size.
test('50 MB are shared and fetched without a copy on either side', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'sub'))
  writeFileSync(join(folder, 'large'), randomBytes(30_000_000))
  for (let i = 0; i < 10; i++) writeFileSync(join(folder, 'sub', `${i}`), randomBytes(2_000_000))
  const target = temporaryFolder()
  const { getter, sharer } = await passOn(folder, target)
  expect(contentOf(target)).toEqual(contentOf(folder))
  expect(sharer).toBeLessThan(15_000_000)
  expect(getter).toBeLessThan(15_000_000)
})

// The database reserved 75 MB for its journal, however little there was.
test('2,002 files of 3.9 MB take less than 20 MB, on both sides', async () => {
  const folder = temporaryFolder()
  for (let i = 0; i < 2002; i++) {
    mkdirSync(join(folder, `sub${i % 7}`), { recursive: true })
    writeFileSync(join(folder, `sub${i % 7}`, `file${i}`), randomBytes(1950))
  }
  const { getter, sharer } = await passOn(folder, temporaryFolder())
  expect(sharer).toBeLessThan(20_000_000)
  expect(getter).toBeLessThan(20_000_000)
})

// Its unfinished file stayed for ever in a folder with nothing else.
test('a file that is withdrawn while it is fetched leaves nothing behind', async () => {
  const { native } = network()
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'sub'))
  writeFileSync(join(folder, 'sub', 'large'), randomBytes(30_000_000))
  writeFileSync(join(folder, 'z'), 'stays')
  const sharing = start(['share', folder, ...native])
  const key = await keyOf(sharing)
  await sharing.says('Get it with')
  truncateSync(join(folder, 'sub', 'large'), 15_000_000)
  const target = temporaryFolder()
  expect(await run(['get', key, target, ...native])).toMatchObject({ code: EXIT.ok })
  expect(contentOf(target)).toEqual({ z: 'stays' })
})

test('a file that changes while it is shared is withdrawn, and those who fetch it get all others', async () => {
  const { native } = network()
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'before'), 'stays')
  writeFileSync(join(folder, 'changed'), randomBytes(300_000))
  writeFileSync(join(folder, 'grows'), randomBytes(100_000))
  writeFileSync(join(folder, 'z'), 'stays')
  const before = contentOf(folder)
  const sharing = start(['share', folder, ...native])
  const key = await keyOf(sharing)
  await sharing.says('Get it with')
  writeFileSync(join(folder, 'changed'), randomBytes(300_000))
  appendFileSync(join(folder, 'grows'), 'more')
  const target = temporaryFolder()
  const got = await run(['get', key, target, ...native])
  expect(got.code).toBe(EXIT.ok)
  // What was only appended to still has what was published.
  expect(contentOf(target)).toEqual({ before: 'stays', grows: before['grows'], z: 'stays' })
  // It said only that files had changed.
  expect(got.stderr).toContain('Skipped: changed: the sharer changed or removed it before it was fetched.')
  expect(sharing.stderr.toString()).toContain('changed has changed since it was read')
  rmSync(join(folder, 'z'))
})

// Hypercore asks a peer for nothing more once it has lacked 32 blocks, so get stood still.
test('many blocks that the sharer no longer has do not end the download of the others', async () => {
  const { native } = network()
  const folder = temporaryFolder()
  const names = ['changed', 'deleted', 'folder', 'link', 'same', 'short']
  for (const name of names) writeFileSync(join(folder, name), randomBytes(600_000))
  const { same } = contentOf(folder)
  const sharing = start(['share', folder, ...native])
  const key = await keyOf(sharing)
  await sharing.says('Get it with')
  writeFileSync(join(folder, 'changed'), randomBytes(600_000))
  truncateSync(join(folder, 'short'), 1000)
  for (const name of ['deleted', 'folder', 'link']) rmSync(join(folder, name))
  mkdirSync(join(folder, 'folder'))
  symlinkSync('same', join(folder, 'link'))
  const target = temporaryFolder()
  const got = await run(['get', key, target, ...native])
  expect(got).toMatchObject({ code: EXIT.ok, stderr: expect.stringContaining(', 1 new or changed; 600.0 kB fetched') })
  expect(contentOf(target)).toEqual({ same })
})

// It came after the network had answered and the announcement was stored: 1.4 s, or never on a network without UDP.
test('the key is shown before anybody has answered', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'a'), 'x')
  const sharing = start(['share', folder, '--storage', temporaryFolder(), ...NO_DHT])
  expect(await keyOf(sharing)).toMatch(/^[a-z0-9]{52}$/)
  expect(sharing.stderr).not.toContain('Get it with')
})
