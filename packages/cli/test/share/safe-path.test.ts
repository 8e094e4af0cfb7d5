import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refusalOf } from '../../src/share/safe-path.js'
import { temporaryFolder } from '../support/net.js'

test.each([
  '../x',
  '/../x',
  '/a/../../x',
  '/a/./b',
  '//etc/passwd',
  '/a//b',
  '/',
  '',
  '..',
  '/..\\..\\x',
  'C:\\x',
  '/a\0b',
  '/.swarmway/db/CURRENT',
  '.swarmway',
  '/.SwarmWay/x'
])('%j is never written', (key) => {
  expect(refusalOf('/nowhere', key, 'linux')).not.toBeNull()
})

test.each(['/a', 'a/b c', '/...', '/a:b', '/.swarmway2', '/sub/.swarmway', '/ä/日本.txt'])('%j is', (key) => {
  expect(refusalOf('/nowhere', key, 'linux')).toBeNull()
})

test('Windows has more that means something', () => {
  for (const key of ['/C:/x', '/a:stream', '/what?', '/a|b']) expect(refusalOf('/nowhere', key, 'win32')).not.toBeNull()
})

test('links that are in the folder are not followed, in the middle or at the end', () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'real'))
  writeFileSync(join(folder, 'real/file'), '')
  symlinkSync('/', join(folder, 'out'))
  symlinkSync('/etc/passwd', join(folder, 'real/link'))
  expect(refusalOf(folder, '/out/tmp/x')).toBe('a link is in the way')
  expect(refusalOf(folder, '/real/link')).toBe('a link is in the way')
  expect(refusalOf(folder, '/real/file')).toBeNull()
  expect(refusalOf(folder, '/real/new/file')).toBeNull()
})
