import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { run, start } from '../support/command.js'
import { temporaryFolder, useNetwork } from '../support/net.js'
import { contentOf, fill, folderWith, keyOf, runIn, runThere, useDataFolder } from './support.js'

const network = useNetwork()
const data = useDataFolder()

const FILES = {
  'a.txt': 'a',
  '.env': 'secret',
  '.git/config': 'secret',
  'sub/.ssh/id_rsa': 'secret',
  'node_modules/x/index.js': '',
  'sub/.swarmwayignore': '*.log',
  'sub/debug.log': 'log',
  'sub/.swarmway/key': 'secret'
}

test('ignored files are left out and reported, and --no-ignore shares them; storage is never shared', async () => {
  const { native } = network()
  const folder = folderWith(FILES)
  const sharing = start(['share', folder, ...native])
  const key = await keyOf(sharing)
  expect(sharing.stderr).toMatch(/Left out, ignored \(6\): \.env, \.git\/, node_modules\/, .*sub\/debug\.log/)
  expect(sharing.stderr).toMatch(/Left out, swarmway's own \(1\): sub\/\.swarmway\/\./)
  expect(sharing.stderr).toContain('--no-ignore')
  const target = temporaryFolder()
  const get = () => run(['get', key, target, '--hidden', ...native])
  expect((await get()).code).toBe(EXIT.ok)
  expect(contentOf(target)).toEqual({ 'a.txt': 'a' })
  // Files added while sharing are not published, whatever their names.
  fill(folder, { '.env.local': 'secret', 'later.txt': 'x' })
  expect((await get()).stderr).toContain('1 file, 1 B')
  expect((await sharing.kill('SIGINT').outcome()).code).toBe(EXIT.ok)
  const all = start(['share', folder, '--no-ignore', ...native])
  expect(await keyOf(all)).toBe(key)
  expect((await get()).code).toBe(EXIT.ok)
  const { 'sub/.swarmway/key': _ours, ...others } = FILES
  expect(contentOf(target)).toEqual({ ...others, '.env.local': 'secret', 'later.txt': 'x' })
})

test('none of our files are in the shared or the downloaded folder, and the key stays with the real path', async () => {
  const { native } = network()
  const parent = temporaryFolder()
  const folder = fill(join(parent, 'my photos'), { a: 'x' })
  symlinkSync(folder, join(parent, 'link'))
  const home = temporaryFolder()
  const sharing = start(['share', 'my photos', ...native], runIn(parent))
  const key = await keyOf(sharing)
  expect((await runThere(home, ['get', key, ...native])).code).toBe(EXIT.ok)
  expect(readdirSync(folder)).toEqual(['a'])
  expect(readdirSync(join(home, 'my photos'))).toEqual(['a'])
  expect(sharing.stderr).toContain(`${data()}/share/my photos-`)
  await sharing.kill('SIGINT').outcome()
  const again = start(['share', join(parent, 'link'), '--quiet', ...native])
  expect(await keyOf(again)).toBe(key)
  await again.kill('SIGINT').outcome()
  renameSync(folder, join(parent, 'moved'))
  expect(await keyOf(start(['share', join(parent, 'moved'), '--quiet', ...native]))).not.toBe(key)
})

test('an error names an unreadable rules file, and nothing is shared', async () => {
  const folder = folderWith({ a: 'x' })
  mkdirSync(join(folder, '.swarmwayignore'))
  expect(await run(['share', folder])).toMatchObject({
    code: EXIT.unusable,
    stdout: Buffer.alloc(0),
    stderr: expect.stringMatching(/\.swarmwayignore cannot be read: .*\nhint: /)
  })
  rmSync(join(folder, '.swarmwayignore'), { recursive: true })
  fill(folder, { '.swarmwayignore': 'a\n' })
  expect(await run(['share', folder])).toMatchObject({
    code: EXIT.unusable,
    stderr: expect.stringMatching(/no file to share .*\nhint: .*--no-ignore/)
  })
})
