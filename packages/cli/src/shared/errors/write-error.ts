import { dirname } from 'node:path'
import { CliError } from './cli-error.js'
import { EXIT } from './exit-codes.js'

/** What a code of the file system means to somebody whose files are written. */
interface Fault {
  /** The rest of a sentence. */
  readonly reason: string
  /** What to do about it, as the beginning of a sentence. */
  readonly remedy: string
}

const FAULTS: Readonly<Record<string, Fault>> = {
  ENOSPC: { reason: 'the disk is full', remedy: 'Free some space' },
  EDQUOT: { reason: 'the disk quota is used up', remedy: 'Remove some of your files' },
  EROFS: { reason: 'the disk is read-only', remedy: 'Make the disk writable' },
  ENAMETOOLONG: { reason: 'its path is too long for this system', remedy: 'Use a folder with a shorter path' },
  EACCES: { reason: 'this user has no permission', remedy: 'Change the permissions' },
  EPERM: { reason: 'the system does not permit it', remedy: 'Change the owner, the permissions or the attributes' }
}

/** What the database says: its errors have no codes. */
const TEXTS: readonly (readonly [text: RegExp, code: string])[] = [
  [/No space left on device/i, 'ENOSPC'],
  [/quota exceeded/i, 'EDQUOT'],
  [/Read-only file system/i, 'EROFS'],
  [/File name too long/i, 'ENAMETOOLONG'],
  [/Permission denied/i, 'EACCES'],
  [/Operation not permitted/i, 'EPERM']
]

const GONE = 'its unfinished file, or the folder, was removed meanwhile'

/** An error of the file system, as a user understands it; everything else stays as it is. */
export function asWriteError(error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  const remedy = remedyOf(error) ?? 'Fix the problem'
  const { path } = error as NodeJS.ErrnoException
  const where = path === undefined ? '' : ` in ${dirname(path)}`
  return new CliError(`A file${where} could not be written: ${failureText(error)}.`, {
    hint: `${remedy} and run the command again: it resumes where it stopped.`,
    exitCode: EXIT.unusable,
    cause: error
  })
}

/** What went wrong, as the rest of a sentence. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, message, syscall } = error as NodeJS.ErrnoException
  return code === 'ENOENT' && syscall === 'rename' ? GONE : (faultOf(error)?.reason ?? message)
}

/** What to do about it, as the beginning of a sentence; undefined for what is not one of the usual faults. */
export function remedyOf(error: unknown): string | undefined {
  return faultOf(error)?.remedy
}

function faultOf(error: unknown): Fault | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, message } = error as NodeJS.ErrnoException
  const known = code ?? TEXTS.find(([text]) => text.test(message))?.[1]
  return known === undefined ? undefined : FAULTS[known]
}
