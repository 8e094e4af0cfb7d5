import { expect, test } from 'vitest'
import { EXIT } from '../../../src/shared/errors/exit-codes.js'
import { asWriteError, failureText, remedyOf } from '../../../src/shared/errors/write-error.js'

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: as the system says it, ${syscall}`), { code, syscall })
}

// "ENOENT: no such file or directory, rename '/home/me/.swarmway-bded998025ca09dd.part' -> '/home/me/movie'" was all that
// somebody learned who had emptied a folder while a file was received into it.
test.each([
  ['ENOSPC', 'write', 'the disk is full', 'Free some space'],
  ['EDQUOT', 'write', 'the disk quota is used up', 'Remove some of your files'],
  ['EROFS', 'mkdir', 'the disk is read-only', 'Make the disk writable'],
  ['ENAMETOOLONG', 'open', 'its path is too long for this system', 'Use a folder with a shorter path'],
  ['EACCES', 'open', 'this user has no permission', 'Change the permissions'],
  ['EPERM', 'open', 'the system does not permit it', 'Change the owner, the permissions or the attributes'],
  ['ENOENT', 'rename', 'its unfinished file, or the folder, was removed meanwhile', 'Fix the problem'],
  ['ENOENT', 'open', 'ENOENT: as the system says it, open', 'Fix the problem']
])('%s of %s is said as "%s"', (code, syscall, reason, remedy) => {
  expect(asWriteError(systemError(code, syscall))).toMatchObject({
    message: `A file could not be written: ${reason}.`,
    hint: `${remedy} and run the command again: it resumes where it stopped.`,
    exitCode: EXIT.unusable
  })
})

test('the folder is named if the system tells the path', () => {
  const error = Object.assign(systemError('EACCES', 'open'), {
    path: '/home/me/photos/.swarmway-bded998025ca09dd.part'
  })
  expect(asWriteError(error)).toMatchObject({
    message: 'A file in /home/me/photos could not be written: this user has no permission.'
  })
})

test('an error of something else stays as it is', () => {
  const error = new TypeError('x is not a function')
  expect(asWriteError(error)).toBe(error)
})

test('what the database says without a code is understood', () => {
  const error = new Error('IO error: While mkdir if missing: /data/db: Read-only file system')
  expect([failureText(error), remedyOf(error)]).toEqual(['the disk is read-only', 'Make the disk writable'])
  expect(remedyOf(new Error('Corruption: no such block'))).toBe(undefined)
})
