import { expect, test } from 'vitest'
import { folderNameOf, publishName, readName } from '../../src/share/share-name.js'
import { keysOf, openDrive, putName } from './support.js'

test.each([
  ['photos', 'photos'],
  ['Fotos (2024) + mehr', 'Fotos (2024) + mehr'],
  ['日本 ä', '日本 ä'],
  // No path to another folder.
  ['../../etc', 'etc'],
  ['/etc/passwd', 'etc-passwd'],
  ['a\\..\\b', 'a-..-b'],
  ['C:\\Windows', 'C-Windows'],
  // No folder of settings or keys, nothing that a command reads as an option or a home.
  ['.ssh', 'ssh'],
  ['..bashrc', 'bashrc'],
  ['-rf', 'rf'],
  ['~root', 'root'],
  ['$(reboot) `x`; "y"', '(reboot) -x- -y'],
  // No characters that are invisible or look different.
  ['a\u0000b\u001b[2Jc\nd', 'ab-2Jcd'],
  ['gpj.\u202eexe', 'gpj.exe'],
  ['\u200b.\u2066git', 'git'],
  ['a\u00a0\u3000b', 'a  b'],
  // What Windows drops.
  ['name. . ', 'name'],
  ['x'.repeat(300), 'x'.repeat(100)],
  ['日'.repeat(300), '日'.repeat(33)],
  [`${'x'.repeat(99)}.y`, 'x'.repeat(99)]
])('a share called %j goes into the folder %j', (name, folder) => {
  expect(folderNameOf(name)).toBe(folder)
})

test.each([
  '',
  '.',
  '..',
  '...',
  ' . ',
  '/',
  '\\',
  '\u202e',
  'CON',
  'nul.txt',
  'com1',
  'LPT¹',
  'aux .x',
  null,
  7,
  {},
  []
])('a share called %j has no usable name', (name) => {
  expect(folderNameOf(name)).toBeNull()
})

test('the name travels with the share, beside its files, and is written once', async () => {
  const { drive } = await openDrive()
  expect(await readName(drive)).toBeUndefined()
  await publishName(drive, 'photos')
  const { version } = drive
  await publishName(drive, 'photos')
  expect(drive.version).toBe(version)
  expect(await readName(drive)).toBe('photos')
  expect(await keysOf(drive)).toEqual([])
  await publishName(drive, 'pictures')
  expect(await readName(drive)).toBe('pictures')
  await putName(drive, { a: 1 })
  expect(folderNameOf(await readName(drive))).toBeNull()
})
