import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import {
  contentOf,
  fill,
  folderWith,
  openDrive,
  publish,
  putName,
  putRaw,
  runIn,
  runThere,
  serve,
  useDataFolder
} from '../share/support.js'
import { run, start } from '../support/command.js'
import { temporaryFolder, useNetwork } from '../support/net.js'

const network = useNetwork()
const data = useDataFolder()

/** A stranger's drive, being served. */
async function shareOf(files: Record<string, string>) {
  const share = await openDrive()
  for (const [way, content] of Object.entries(files)) {
    await share.drive.put(`/${way}`, Buffer.from(content), { executable: content.startsWith('#!') })
  }
  const swarm = await serve(share, network())
  return { ...share, key: share.drive.id, swarm }
}

test('without a folder the files go into a new one, and running get at home replaces nothing', async () => {
  // The default was the current folder, and files of the same name were replaced silently.
  const { native } = network()
  const { drive, key } = await shareOf({ 'notes.txt': 'evil', '.bashrc': 'evil', 'sub/.ssh/config': 'evil', run: '#!' })
  await putName(drive, '../.ssh/../my\u202e photos')
  const mine = { 'notes.txt': 'mine', '.bashrc': 'mine', 'sub/.ssh/config': 'mine' }
  const home = folderWith(mine)
  const outcome = await runThere(home, ['get', key, ...native])
  expect(outcome.code).toBe(EXIT.ok)
  expect(outcome.stderr).toMatch(
    /Skipped, because the name begins with a dot \(2\): \.bashrc, sub\/\.ssh\/config\..*--hidden/s
  )
  const [folder = ''] = readdirSync(home).filter((name) => !['notes.txt', '.bashrc', 'sub'].includes(name))
  expect(folder).toBe('ssh-..-my photos')
  expect(contentOf(home)).toEqual({ ...mine, [`${folder}/notes.txt`]: 'evil', [`${folder}/run`]: '#!' })
  expect(statSync(join(home, folder, 'run')).mode & 0o111).toBe(0)
  // Again into the same folder; from another place, into a new one.
  expect(await runThere(home, ['get', key, ...native])).toMatchObject({ code: EXIT.ok })
  const other = temporaryFolder()
  await runThere(other, ['get', key, '--hidden', ...native])
  expect(Object.keys(contentOf(join(other, folder))).sort()).toEqual(['.bashrc', 'notes.txt', 'run', 'sub/.ssh/config'])
})

test('a folder of that name that is not from this share is not touched, even if it is empty or a link', async () => {
  const { native } = network()
  const { drive, key } = await shareOf({ a: 'theirs' })
  await putName(drive, 'photos')
  const [home, empty, linked] = [folderWith({ 'photos/mine': 'mine' }), temporaryFolder(), temporaryFolder()]
  mkdirSync(join(empty, 'photos'))
  symlinkSync(home, join(linked, 'photos'))
  for (const folder of [home, empty, linked]) {
    const { code, stderr } = await runThere(folder, ['get', key, ...native])
    expect(code).toBe(EXIT.unusable)
    expect(stderr).toMatch(/photos already exists and is not from this share\.\nhint: .*after the key/)
  }
  expect(contentOf(home)).toEqual({ 'photos/mine': 'mine' })
  expect((await runThere(home, ['get', key, 'photos', ...native])).code).toBe(EXIT.ok)
  expect(contentOf(home)).toEqual({ 'photos/mine': 'mine', 'photos/a': 'theirs' })
})

test('a share without a usable name goes into a folder named after its key', async () => {
  const { native } = network()
  const { drive, key } = await shareOf({ a: 'x' })
  const home = temporaryFolder()
  expect((await runThere(home, ['get', key, ...native])).code).toBe(EXIT.ok)
  await putName(drive, '..')
  expect((await runThere(home, ['get', key, ...native])).stderr).toContain('0 new or changed')
  expect(contentOf(home)).toEqual({ [`share-${key.slice(0, 8)}/a`]: 'x' })
})

test('files that get did not write in the given folder are listed and refused, and replaced with --overwrite', async () => {
  const { native } = network()
  const { key } = await shareOf({ a: 'theirs', 'sub/b': 'theirs', c: 'theirs' })
  const target = folderWith({ a: 'mine', 'sub/b': 'mine', d: 'mine' })
  const refused = await run(['get', key, target, '--quiet', ...native])
  expect(refused.code).toBe(EXIT.unusable)
  expect(refused.stderr).toMatch(/Not written: a: .*\nNot written: sub\/b: .*\nerror: 2 files .*nothing was downloaded/)
  expect(refused.stderr).toContain('--overwrite')
  expect(contentOf(target)).toEqual({ a: 'mine', 'sub/b': 'mine', d: 'mine' })
  expect(readdirSync(join(data(), 'get', key))).toEqual([])
  const done = await run(['get', key, target, '--overwrite', ...native])
  expect(done).toMatchObject({
    code: EXIT.ok,
    stderr: expect.stringContaining('3 new or changed, 2 of them overwritten')
  })
  expect(contentOf(target)).toEqual({ a: 'theirs', 'sub/b': 'theirs', c: 'theirs', d: 'mine' })
})

test('get updates its own files, except those changed since', async () => {
  const { native } = network()
  const source = folderWith({ a: '1', b: '1' })
  const share = await openDrive()
  await publish(source, share.drive)
  await serve(share, network())
  const target = join(temporaryFolder(), 'new')
  const get = (...options: string[]) => run(['get', share.drive.id, target, ...options, ...native])
  expect((await get()).code).toBe(EXIT.ok)
  fill(source, { a: '2' })
  await publish(source, share.drive)
  expect((await get()).stderr).toContain('1 new or changed')
  expect(contentOf(target)).toEqual({ a: '2', b: '1' })
  fill(target, { b: 'my change' })
  expect(await get()).toMatchObject({ code: EXIT.unusable, stderr: expect.stringMatching(/b: it was changed here/) })
  expect(contentOf(target)).toEqual({ a: '2', b: 'my change' })
  expect((await get('--overwrite')).code).toBe(EXIT.ok)
  expect(contentOf(target)).toEqual({ a: '2', b: '1' })
})

test('--list shows everything and writes nothing', async () => {
  const { native } = network()
  const { drive, key } = await shareOf({ a: 'theirs', '.env': 'x', new: '123', 'x/y': 'z', 'way/z': '' })
  await putRaw(drive, '/evil\u001b[2J', { linkname: '/etc/passwd' })
  await putName(drive, 'photos')
  const mine = { a: 'mine', x: 'a file' }
  const target = folderWith(mine)
  symlinkSync('/', join(target, 'way'))
  const before = existsSync(data()) ? readdirSync(data(), { recursive: true }).sort() : null
  const { code, stdout } = await run(['get', key, target, '--list', '--quiet', ...native])
  expect(code).toBe(EXIT.ok)
  expect(stdout.toString().split('\n')).toEqual([
    expect.stringMatching(/^ +1 B {2}\.env +would be skipped: its name begins with a dot \(--hidden\)$/),
    expect.stringMatching(/^ +6 B {2}a +would be refused: a file of this name exists.* \(--overwrite\)$/),
    expect.stringMatching(/^ +0 B {2}evil \[2J +would be skipped: it is a link$/),
    '       3 B  new',
    expect.stringMatching(/^ +0 B {2}way\/z +would be refused: the link way is in the way$/),
    expect.stringMatching(/^ +1 B {2}x\/y +would be refused: the file x is where its folder should be$/),
    '6 files, 11 B: 1 to write (3 B), 2 to skip, 3 refused, so nothing would be written.',
    `They would be written to ${target}.`,
    ''
  ])
  const forced = await run(['get', key, target, '-l', '--overwrite', '--hidden', ...native])
  expect(forced.stdout.toString()).toMatch(/ a +would be overwritten\n/)
  const home = temporaryFolder()
  expect((await runThere(home, ['get', key, '-l', ...native])).stdout.toString()).toContain(`to ${home}/photos.`)
  mkdirSync(join(home, 'photos'))
  expect((await runThere(home, ['get', key, '-l', ...native])).stdout.toString()).toContain('is not from this share')
  expect(readdirSync(home)).toEqual(['photos'])
  expect(contentOf(target)).toEqual(mine)
  expect(existsSync(data()) ? readdirSync(data(), { recursive: true }).sort() : null).toEqual(before)
})

test('a share that does not fit is refused before anything is written', async () => {
  const { native } = network()
  const { drive, key } = await shareOf({ a: 'x' })
  await putRaw(drive, '/huge', { blob: { blockOffset: 0, blockLength: 1, byteOffset: 0, byteLength: 2 ** 52 } })
  const target = join(temporaryFolder(), 'new')
  expect(await run(['get', key, target, ...native])).toMatchObject({
    code: EXIT.unusable,
    stderr: expect.stringMatching(/not enough room at .*: 4503\.6 TB are needed, .* are free\.\nhint: /)
  })
  expect(existsSync(target)).toBe(false)
})

test('a target that is a file is refused at once, and a target that is a link to a folder is followed', async () => {
  const { native } = network()
  const folder = folderWith({ file: 'mine' })
  expect(await run(['get', 'y'.repeat(52), join(folder, 'file')])).toMatchObject({
    code: EXIT.unusable,
    stderr: expect.stringContaining('is not a folder')
  })
  const { key } = await shareOf({ a: 'x' })
  const [real, links] = [temporaryFolder(), temporaryFolder()]
  symlinkSync(real, join(links, 'link'))
  expect((await run(['get', key, join(links, 'link'), ...native])).code).toBe(EXIT.ok)
  // Both names lead to the same folder.
  expect((await run(['get', key, real, ...native])).stderr).toContain('0 new or changed')
  expect(contentOf(real)).toEqual({ a: 'x' })
})

/** Length of a drive's blocks. */
const BLOCK_BYTES = 65_536

/** A share of a file whose last block exists only after `complete` is called, so that getting it stops in the middle. */
async function shareWithGap() {
  const { drive, key, store, swarm } = await shareOf({ after: 'x', 'sub/begin': 'b'.repeat(2 * BLOCK_BYTES) })
  const begin = await drive.entry('/sub/begin')
  const blob = begin?.value.blob
  if (!blob) throw new Error('no content')
  await putRaw(drive, '/sub/large', { blob: { ...blob, blockLength: 3, byteLength: 3 * BLOCK_BYTES } })
  const complete = () => drive.put('/sub/end', Buffer.from('e'.repeat(BLOCK_BYTES)))
  const leave = () => swarm.destroy()
  const comeBack = () => serve({ drive, store }, network())
  return { key, complete, leave, comeBack }
}

/** The sizes of all files in a folder. */
function sizesIn(folder: string): Record<string, number> {
  return Object.fromEntries(Object.entries(contentOf(folder)).map(([way, { length }]) => [way, length]))
}

/** Resolves when the two blocks of the file after `sub/begin` are written, under its temporary name. */
function gap(folder: string): Promise<void> {
  const sub = join(folder, 'sub')
  // A file may get its name at any moment.
  const bytesOf = (name: string) => statSync(join(sub, name), { throwIfNoEntry: false })?.size
  const isWritten = (name: string) => name.endsWith('.part') && bytesOf(name) === 2 * BLOCK_BYTES
  const isThere = () => existsSync(join(sub, 'begin')) && readdirSync(sub).some(isWritten)
  return until('an unfinished file', isThere)
}

const BEFORE = { after: 1, 'sub/begin': 2 * BLOCK_BYTES }
const COMPLETE = { ...BEFORE, 'sub/end': BLOCK_BYTES, 'sub/large': 3 * BLOCK_BYTES }

test.each([
  ['SIGINT', EXIT.interrupted],
  ['SIGTERM', EXIT.terminated]
] as const)(
  '%s in the middle of a file leaves its beginning, and the next run gets only the rest',
  async (signal, code) => {
    const { native } = network()
    const { complete, key } = await shareWithGap()
    const home = temporaryFolder()
    const getting = start(['get', key, 'into', ...native], runIn(home))
    await gap(join(home, 'into'))
    expect((await getting.kill(signal).outcome()).code).toBe(code)
    const { after, 'sub/begin': begin, ...unfinished } = sizesIn(join(home, 'into'))
    expect({ after, 'sub/begin': begin }).toEqual(BEFORE)
    expect(Object.values(unfinished)).toEqual([2 * BLOCK_BYTES])
    await complete()
    const rest = await runThere(home, ['get', key, 'into', ...native])
    expect(rest).toMatchObject({ code: EXIT.ok, stderr: expect.stringContaining('131.1 kB fetched') })
    expect(sizesIn(join(home, 'into'))).toEqual(COMPLETE)
    // None of the blocks stays.
    expect(readdirSync(join(data(), 'get', key))).toEqual(['written'])
  }
)

// The bar stood still, and said how long the rest would take.
test('it says that the sharer left, and that it is back', async () => {
  const { native } = network()
  const { comeBack, complete, key, leave } = await shareWithGap()
  const target = join(temporaryFolder(), 'into')
  const getting = start(['get', key, target, ...native])
  await gap(target)
  await leave()
  await getting.says('Nobody who shares it is connected now; waiting.')
  await complete()
  await comeBack()
  await getting.says('Somebody who shares it is back.')
  expect((await getting.outcome()).code).toBe(EXIT.ok)
})

test('after a kill in the middle of a file, the next run finishes it', async () => {
  const { native } = network()
  const { complete, key } = await shareWithGap()
  const target = join(temporaryFolder(), 'into')
  const getting = start(['get', key, target, ...native])
  await gap(target)
  await getting.kill('SIGKILL').outcome()
  expect(Object.keys(sizesIn(target))).toHaveLength(3)
  await complete()
  expect((await run(['get', key, target, ...native])).code).toBe(EXIT.ok)
  expect(sizesIn(target)).toEqual(COMPLETE)
})

test('--json prints what would be done, and what was done', async () => {
  const { native } = network()
  const { key } = await shareOf({ 'a.txt': 'abc', '.env': 'secret' })
  const target = temporaryFolder()
  const json = async (...args: string[]) => {
    const { stdout } = await run(['get', key, target, '--json', ...args, ...native])
    return JSON.parse(stdout.toString()) as object
  }
  const file = { path: 'a.txt', bytes: 3 }
  const skipped = [{ path: '.env', bytes: 6, reason: 'its name begins with a dot' }]
  const plan = { folder: target, written: [file], kept: [], skipped, refused: [] }
  expect(await json('--list')).toEqual({ ...plan, problem: null })
  expect(readdirSync(target)).toEqual([])
  expect(await json()).toEqual({ ...plan, fetchedBytes: 3 })
  expect(await json()).toEqual({ ...plan, written: [], kept: [file], fetchedBytes: 0 })
})
