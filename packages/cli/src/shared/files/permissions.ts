import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf } from '@swarmway/runtime'
import { CliError } from '../errors/cli-error.js'
import { EXIT } from '../errors/exit-codes.js'
import { failureText, remedyOf } from '../errors/write-error.js'
import { existingPart } from './free-space.js'

const REFUSALS: readonly (string | undefined)[] = ['EACCES', 'EPERM', 'EROFS']

/**
 * Throws a `CliError` if the user may not write the files at these paths. Where a folder is missing, the one above it counts.
 * `elsewhere` says what else to do than to change that: the rest of a sentence.
 */
export function assertWritable(paths: readonly string[], elsewhere: string): void {
  const folders = new Set([...new Set(paths.map((path) => dirname(path)))].map(existingPart))
  for (const folder of folders) {
    const cause = refusalAt(folder, constants.W_OK | constants.X_OK)
    if (cause === null) continue
    throw new CliError(`Nothing can be written to ${folder}: ${failureText(cause)}.`, {
      hint: `${remedyOf(cause)}, ${elsewhere}`,
      exitCode: EXIT.unusable,
      cause
    })
  }
}

/** Whether the user may read what is at a path; also true if nothing is there any more. */
export function isReadable(path: string): boolean {
  return refusalAt(path, constants.R_OK) === null
}

/** Something to send or share may not be read. */
export function unreadableError(what: string): CliError {
  return new CliError(`This user may not read ${what}.`, {
    hint: 'Change the permissions, or list it in a file .swarmwayignore at the top of the folder.',
    exitCode: EXIT.unusable
  })
}

/** Whether an error says that the user may not do it. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && REFUSALS.includes(codeOf(error))
}

function refusalAt(path: string, mode: number): Error | null {
  try {
    accessSync(path, mode)
    return null
  } catch (error) {
    return isRefusal(error) ? error : null
  }
}
