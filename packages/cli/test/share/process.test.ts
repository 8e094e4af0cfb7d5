import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { standstill, until } from '../../../runtime/test/support/until.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { run, start } from '../support/command.js'
import { NO_DHT, temporaryFolder, useNetwork } from '../support/net.js'
import { contentOf, diskBytesOf, fill, keyOf, useDataFolder } from './support.js'

const network = useNetwork()
useDataFolder()

/** A folder of many small files and one large one. */
function makeFolder(smallFiles: number, bytesEach: number, bigBytes: number): string {
  const folder = temporaryFolder()
  for (let i = 0; i < smallFiles; i++) {
    mkdirSync(join(folder, `sub${i % 7}`), { recursive: true })
    writeFileSync(join(folder, `sub${i % 7}`, `file${i}`), randomBytes(bytesEach))
  }
  writeFileSync(join(folder, 'big'), randomBytes(bigBytes))
  return folder
}

test('20 MB of many files, interrupted in the middle, resume where they stopped', async () => {
  const { native, proxy } = network()
  const url = await proxy()
  const folder = makeFolder(600, 20_000, 8_000_000)
  const sharing = start(['share', folder, ...native])
  const key = await keyOf(sharing)
  const target = temporaryFolder()
  const first = start(['get', key, target, '--proxy', url])
  // This process carries what is fetched, so not much more is on its way by then, however slow the others are.
  await until('a tenth', () => diskBytesOf(target) > 2_000_000)
  expect(await first.kill('SIGINT').outcome()).toMatchObject({
    code: EXIT.interrupted,
    stderr: expect.stringContaining('run the same command again to resume')
  })
  const second = await run(['get', key, target, ...native])
  expect(second.code).toBe(EXIT.ok)
  const hereMb = Number(/([\d.]+) MB are here already/.exec(second.stderr)?.[1])
  const fetchedMb = Number(/([\d.]+) MB fetched/.exec(second.stderr)?.[1])
  expect(hereMb).toBeGreaterThan(0)
  expect(fetchedMb).toBeGreaterThan(0)
  expect(Math.abs(hereMb + fetchedMb - 20)).toBeLessThan(0.2)
  expect(contentOf(target)).toEqual(contentOf(folder))
  const third = await run(['get', key, target, ...native])
  expect(third.stderr).toContain('0 new or changed; 0 B fetched')
  expect((await sharing.kill('SIGINT').outcome()).code).toBe(EXIT.ok)
})

test('a proxied side gets what a native one shares, and later only what is new', async () => {
  const { native, proxy } = network()
  const url = await proxy()
  const folder = makeFolder(20, 1000, 500_000)
  const target = temporaryFolder()
  const sharing = start(['share', folder, ...native])
  const key = await keyOf(sharing)
  expect((await run(['get', key, target, '--proxy', url])).code).toBe(EXIT.ok)
  await sharing.kill('SIGTERM').outcome()
  writeFileSync(join(folder, 'new'), randomBytes(3000))
  rmSync(join(folder, 'sub0'), { recursive: true })
  // The folder keeps its key.
  const again = start(['share', folder, '--quiet', '--proxy', url])
  expect(await keyOf(again)).toBe(key)
  const update = await run(['get', key, target, ...native])
  expect(update.stderr).toContain('1 new or changed; 3.0 kB fetched')
  expect(contentOf(target)['new']).toBe(readFileSync(join(folder, 'new'), 'latin1'))
})

test('a proxied side that pauses for a while is not reset', async () => {
  // Downloads had no bound on requests in flight. As soon as the process paused for a moment, a native peer sent more
  // than its proxy server buffers; the connection was reset, redialled, and reset again, ever less often.
  const { native, proxyServer } = network()
  const { server, url } = await proxyServer()
  const folder = makeFolder(50, 30_000, 60_000_000)
  const sharing = start(['share', folder, ...native])
  const target = temporaryFolder()
  const getting = start(['get', await keyOf(sharing), target, '--proxy', url])
  await getting.says(/\d+% {2}/)
  getting.kill('SIGSTOP')
  await standstill(() => server.stats.bytesOut)
  getting.kill('SIGCONT')
  expect((await getting.outcome()).code).toBe(EXIT.ok)
  expect(server.stats.resets).not.toHaveProperty('BUFFER_LIMIT')
})

// It ended with 0, as if it had served all of it: a script could not tell.
test('a share that is stopped before everything is read says so, and ends with the code of the signal', async () => {
  const folder = fill(temporaryFolder(), { disk: '' })
  // It takes no room, and minutes to read.
  truncateSync(join(folder, 'disk'), 20_000_000_000)
  const sharing = start(['share', folder, ...network().native])
  await keyOf(sharing)
  expect(await sharing.kill('SIGINT').outcome()).toMatchObject({
    code: EXIT.interrupted,
    stderr: expect.stringContaining('The folder was not read completely')
  })
})

// It stalled: what it received could not be stored, and it waited for somebody else to send it.
test('a download whose storage is removed ends and says so', async () => {
  const { native } = network()
  const folder = makeFolder(5000, 10, 10)
  const [storage, cache] = [temporaryFolder(), join(temporaryFolder(), 'cache')]
  const before = start(['share', folder, '--storage', storage, ...native])
  const key = await keyOf(before)
  await before.kill('SIGINT').outcome()
  const getting = start(['get', key, temporaryFolder(), '--storage', cache, ...native])
  await getting.says('Looking for somebody')
  rmSync(cache, { recursive: true })
  start(['share', folder, '--storage', storage, ...native])
  expect(await getting.outcome()).toMatchObject({
    code: EXIT.unusable,
    stderr: expect.stringContaining(`${cache} was removed while it was in use.`)
  })
})

test('--storage keeps our files out of the folder', async () => {
  const { native } = network()
  const folder = makeFolder(1, 10, 10)
  const [storage, target, cache] = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
  const sharing = start(['share', folder, '--storage', storage, ...native])
  const outcome = await run(['get', await keyOf(sharing), target, '--storage', cache, '--quiet', ...native])
  expect(outcome).toMatchObject({ code: EXIT.ok, stderr: '' })
  expect(readdirSync(folder).sort()).toEqual(readdirSync(target).sort())
  expect(readdirSync(storage)).toContain('CORESTORE')
  expect(readdirSync(cache)).toContain('CORESTORE')
})

test('no peer, an invalid key and a missing folder each have their exit code', async () => {
  const { native } = network()
  const key = 'y'.repeat(52)
  const none = join(temporaryFolder(), 'none')
  const [nobody, noKey, noTime, noFolder] = await Promise.all([
    run(['get', key, temporaryFolder(), '--timeout', '0.5', ...native]),
    run(['get', 'nonsense', temporaryFolder()]),
    run(['get', key, '--timeout', 'soon']),
    run(['share', none])
  ])
  expect(nobody).toMatchObject({ code: EXIT.notFound, stderr: expect.stringContaining('within 0.5 s') })
  expect(noKey).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining('is not a key') })
  expect(noTime).toMatchObject({ code: EXIT.usage })
  expect(noFolder).toMatchObject({ code: EXIT.unusable, stderr: expect.stringContaining('does not exist') })
  // Sharing once created the missing folder, for its storage, and then found it empty.
  expect(existsSync(none)).toBe(false)
})

// `share ""`, as from a variable that is not set, published the current folder.
test('an empty path is not the current folder', async () => {
  const key = 'y'.repeat(52)
  const cases = [
    ['share', ''],
    ['share', makeFolder(1, 10, 10), '--storage', ''],
    ['get', key, ''],
    ['get', key, '--storage', '']
  ]
  for (const { code, stdout, stderr } of await Promise.all(cases.map((args) => run([...args, ...NO_DHT])))) {
    expect({ code, stdout: String(stdout), stderr }).toEqual({
      code: EXIT.usage,
      stdout: '',
      stderr: 'error: The path is empty.\nhint:  Name a folder.\n'
    })
  }
})

test('a place where no folder can be made is reported', async () => {
  // Node 20 tries for ever to make a folder in a place such as /proc, which exists but accepts none.
  if (!existsSync('/proc/self/task')) return
  const { native } = network()
  const folder = makeFolder(1, 10, 10)
  const unusable = await Promise.all([
    run(['share', folder, '--storage', '/proc/store']),
    run(['get', 'y'.repeat(52), '--storage', '/proc/store'])
  ])
  for (const { code, stderr } of unusable) {
    expect(code).toBe(EXIT.unusable)
    expect(stderr).toMatch(/\/proc\/store could not be used: ENOENT.*\nhint: .*--storage/)
  }
  const sharing = start(['share', folder, ...native])
  const key = await keyOf(sharing)
  const [there, within] = await Promise.all([
    run(['get', key, '/proc', '--storage', temporaryFolder(), ...native]),
    run(['get', key, '/proc/new', '--storage', temporaryFolder(), ...native])
  ])
  expect(there).toMatchObject({ code: EXIT.unusable, stderr: expect.stringContaining('could not be written') })
  expect(within).toMatchObject({ code: EXIT.unusable, stderr: expect.stringContaining('/proc/new cannot be used') })
})

test('--timeout ends the search even if other searchers are found', async () => {
  const { native } = network()
  const get = () => run(['get', 'b'.repeat(51).concat('y'), temporaryFolder(), '--timeout', '6', ...native])
  const outcomes = await Promise.all([get(), get()])
  expect(outcomes.map(({ code }) => code)).toEqual([EXIT.notFound, EXIT.notFound])
})

// A build that empties its folder first ended the share.
test('with --watch, a folder that is empty for a while is shared again when it is not', async () => {
  const folder = join(temporaryFolder(), 'site')
  fill(folder, { page: 'one' })
  const sharing = start(['share', folder, '--watch', ...network().native])
  await sharing.says('Changes are published')
  rmSync(join(folder, 'page'))
  await sharing.says('There is no file to share')
  fill(folder, { other: 'two' })
  await sharing.says('2 new, changed or removed')
  expect((await sharing.kill('SIGINT').outcome()).code).toBe(EXIT.ok)
})

// A build that removes its folder and makes it again was published once, and what followed was not.
test('with --watch, a folder that is made again is watched again', async () => {
  const folder = join(temporaryFolder(), 'site')
  fill(folder, { page: 'one' })
  const sharing = start(['share', folder, '--watch', ...network().native])
  await sharing.says('Changes are published')
  rmSync(folder, { recursive: true })
  fill(folder, { other: 'two' })
  await sharing.says('2 new, changed or removed')
  fill(folder, { more: 'three' })
  await sharing.says('2 files, 8 B; 1 new, changed or removed')
  expect((await sharing.kill('SIGINT').outcome()).code).toBe(EXIT.ok)
})

test('with --watch, changes are published; without it, it says that they are not', async () => {
  const { native } = network()
  const folder = makeFolder(2, 10, 10)
  const sharing = start(['share', folder, '--watch', ...native])
  const key = await keyOf(sharing)
  await sharing.says('Changes are published')
  // With the DHT or the proxy server in use, so that it can be typed as shown.
  expect(sharing.stderr).toContain(`Get it with: swarmway get ${key} --bootstrap 127.0.0.1:`)
  const target = temporaryFolder()
  expect((await run(['get', key, target, ...native])).code).toBe(EXIT.ok)
  writeFileSync(join(folder, 'sub0', 'new'), 'new')
  rmSync(join(folder, 'big'))
  await sharing.says('2 new, changed or removed')
  const listed = await run(['get', key, '--list', ...native])
  expect(listed.stdout.toString()).toContain('sub0/new')
  expect(listed.stdout.toString()).not.toContain('big')
  await sharing.kill('SIGINT').outcome()
  const again = start(['share', folder, ...native])
  await again.says('Later changes are not published')
})
