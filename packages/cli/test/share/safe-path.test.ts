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
  '/.SwarmWay/x',
  // Some file systems take these for the same name.
  '/.ſwarmway/x',
  '/.swarm\u200cway/x',
  '/.swarmway./x',
  // A folder within may have been shared itself, and then its secret key is here.
  '/sub/.swarmway/x',
  // No file system that we know keeps longer names; while a file is written its name is longer still.
  `/${'x'.repeat(256)}`,
  `/new/${'x'.repeat(250)}`,
  `/${'日'.repeat(86)}/x`
])('%j is never written', (key) => {
  expect(refusalOf('/nowhere', key, 'linux')).not.toBeNull()
})

test.each(['/a', '/a/b c', '/...', '/a:b', '/.swarmway2', `/${'x'.repeat(255)}/${'日'.repeat(79)}`, '/ä/日本.txt'])(
  '%j is',
  (key) => {
    expect(refusalOf('/nowhere', key, 'linux')).toBeNull()
  }
)

test('Windows has more that means something', () => {
  for (const key of ['/C:/x', '/a:stream', '/what?', '/a|b', '/a.', '/a /b', '/con', '/sub/NUL.txt', '/SWARMW~1/x'])
    expect(refusalOf('/nowhere', key, 'win32')).not.toBeNull()
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

test('a link under the name that a file has while it is written is not followed', () => {
  const folder = temporaryFolder()
  symlinkSync('/etc/passwd', join(folder, 'file.0.localdrive.tmp'))
  expect(refusalOf(folder, '/file')).toBe('a link is in the way')
})
