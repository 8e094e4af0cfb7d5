import { CliError } from './cli-error.js'
import { EXIT } from './exit-codes.js'

/** What the codes of a file system mean to somebody who receives a file. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only'
}

const GONE = 'its unfinished file, or the folder, was removed meanwhile'

/** An error of the file system, as a user understands it; everything else stays as it is. */
export function asWriteError(error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  return new CliError(`A file could not be written: ${failureText(error)}.`, {
    hint: 'Fix the problem and run the command again: it resumes where it stopped.',
    exitCode: EXIT.unusable,
    cause: error
  })
}

/** What went wrong, as the rest of a sentence. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code = '', message, syscall } = error as NodeJS.ErrnoException
  return code === 'ENOENT' && syscall === 'rename' ? GONE : (REASONS[code] ?? message)
}
