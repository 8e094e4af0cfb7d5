import { expect, test } from 'vitest'
import { refusalOf } from '../../../src/shared/files/safe-path.js'
import { isHidden } from '../../../src/shared/files/storage-name.js'

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
  // Some file systems treat these as the same name.
  '/.ſwarmway/x',
  '/.swarm\u200cway/x',
  '/.swarmway./x',
  // A subfolder may have been shared as well, and then its secret key is here.
  '/sub/.swarmway/x',
  '/.swarmway-abc.part',
  // They look like something else, or move the cursor.
  '/a\u001b[2Jb',
  '/a\nb',
  '/gpj.\u202eexe',
  // No file system that we know accepts longer names.
  `/${'x'.repeat(256)}`,
  `/${'日'.repeat(86)}/x`,
  `/${'x/'.repeat(2500)}x`,
  // Checking these took minutes.
  `/${'. '.repeat(500_000)}x`
])('%j is never written', (key) => {
  expect(refusalOf(key, 'linux')).not.toBeNull()
})

test.each(['/a', '/a/b c', '/...', '/a:b', '/.swarmway2', `/${'x'.repeat(255)}/${'日'.repeat(85)}`, '/ä/日本.txt'])(
  '%j is written',
  (key) => {
    expect(refusalOf(key, 'linux')).toBeNull()
  }
)

test('Windows has more names with a meaning', () => {
  for (const key of [
    '/C:/x',
    '/a:stream',
    '/what?',
    '/a|b',
    '/a.',
    '/a /b',
    '/con',
    '/sub/NUL.txt',
    '/nul .x',
    '/COM¹',
    '/SWARMW~1/x'
  ])
    expect(refusalOf(key, 'win32')).not.toBeNull()
})

test('a name that begins with a dot is hidden, on any level and in any spelling', () => {
  for (const key of ['/.a', '/a/.b', '/a/.b/c', '/...', '/. .', '/\u200b.git', '/\u2024git'])
    expect(isHidden(key)).toBe(true)
  for (const key of ['/a', '/a.b', '/a./b', '/a/b.', '/ a']) expect(isHidden(key)).toBe(false)
})
