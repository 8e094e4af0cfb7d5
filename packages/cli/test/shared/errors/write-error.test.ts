import { expect, test } from 'vitest'
import { EXIT } from '../../../src/shared/errors/exit-codes.js'
import { asWriteError } from '../../../src/shared/errors/write-error.js'

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: as the system says it, ${syscall}`), { code, syscall })
}

// "ENOENT: no such file or directory, rename '/home/me/.swarmway-bded998025ca09dd.part' -> '/home/me/movie'" was all that
// somebody learned who had emptied a folder while a file was received into it.
test.each([
  ['ENOSPC', 'write', 'the disk is full'],
  ['EDQUOT', 'write', 'the disk quota is used up'],
  ['EROFS', 'mkdir', 'the disk is read-only'],
  ['ENOENT', 'rename', 'its unfinished file, or the folder, was removed meanwhile'],
  ['ENOENT', 'open', 'ENOENT: as the system says it, open'],
  ['EACCES', 'open', 'EACCES: as the system says it, open']
])('%s of %s is said as "%s"', (code, syscall, reason) => {
  expect(asWriteError(systemError(code, syscall))).toMatchObject({
    message: `A file could not be written: ${reason}.`,
    exitCode: EXIT.unusable
  })
})

test('an error of something else stays as it is', () => {
  const error = new TypeError('x is not a function')
  expect(asWriteError(error)).toBe(error)
})
