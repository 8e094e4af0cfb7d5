import { linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planReceive } from '../../src/receive/plan.js'
import { temporaryFolder } from '../support/net.js'

const offered = (key: string, bytes = 3, modifiedMs = 1_700_000_000_000) => ({ key, bytes, modifiedMs })

test.each([
  '/../../home/me/.bashrc',
  '/a/../../b',
  'no-slash',
  '/a\\..\\b',
  '/a\0b',
  '//double',
  '/.ssh/authorized_keys',
  '/a/.git/hooks/post-checkout',
  '/.swarmway-1234.part',
  '/txt.\u202eexe',
  `/${'x'.repeat(300)}`
])('the name %j, which a stranger chose, is skipped', (key) => {
  const plan = planReceive([offered(key)], temporaryFolder(), {})
  expect(plan.write).toEqual([])
  expect(plan.skipped).toHaveLength(1)
})

test('of two names that are one file here, the second is skipped', () => {
  const files = [offered('/A'), offered('/a'), offered('/b'), offered('/b/c'), offered('/b')]
  const plan = planReceive(files, temporaryFolder(), { platform: 'darwin' })
  expect(plan.write.map((file) => file.offered.key)).toEqual(['/A', '/b'])
})

test('dotfiles come only if they are wanted', () => {
  const plan = planReceive([offered('/.env')], temporaryFolder(), { hasHidden: true })
  expect(plan.write.map((file) => file.offered.key)).toEqual(['/.env'])
})

test('nothing is written through a link or over another file, but what is here already is kept', () => {
  const folder = temporaryFolder()
  const elsewhere = temporaryFolder()
  mkdirSync(join(folder, 'folder'))
  writeFileSync(join(folder, 'mine'), 'abc')
  symlinkSync(elsewhere, join(folder, 'link'))
  symlinkSync(join(elsewhere, 'target'), join(folder, 'file-link'))
  writeFileSync(join(folder, 'same'), 'abc')
  utimesSync(join(folder, 'same'), new Date(), 1_700_000_000)
  linkSync(join(folder, 'same'), join(folder, 'same-size'))
  const files = ['/mine', '/link/a', '/file-link', '/folder', '/same', '/mine/below'].map((key) => offered(key))
  const plan = planReceive(files, folder, {})
  expect(plan.kept.map(({ key }) => key)).toEqual(['/same'])
  expect(plan.write).toEqual([])
  expect(plan.refused.map(({ key }) => key)).toEqual(['/file-link', '/folder', '/link/a', '/mine'])
  const replacing = planReceive(files, folder, { overwrite: true })
  expect(replacing.write.map((file) => file.offered.key)).toEqual(['/mine'])
  expect(replacing.refused.map(({ key }) => key)).toEqual(['/file-link', '/folder', '/link/a'])
})

// A file that was saved again within two seconds, with as many bytes, counted as received. Only file systems that keep whole
// seconds need as much tolerance.
test.each([
  ['kept', 'the times are equal', 123, 123],
  ['kept', 'the file system here keeps whole seconds', 0, 1900],
  ['refused', 'it was changed a second later', 123, 1123],
  ['refused', 'it was changed long after', 0, 2000]
])('a file of the same size is %s if %s', (fate, _if, hereMs, offeredMs) => {
  const folder = temporaryFolder()
  const path = join(folder, 'file')
  writeFileSync(path, 'abc')
  utimesSync(path, new Date(), (1_700_000_000_000 + hereMs) / 1000)
  const plan = planReceive([offered('/file', 3, 1_700_000_000_000 + offeredMs)], folder, {})
  expect([plan.kept.length, plan.refused.length]).toEqual(fate === 'kept' ? [1, 0] : [0, 1])
})
