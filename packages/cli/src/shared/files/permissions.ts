import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import { CliError } from '../errors/cli-error.js'
import { EXIT } from '../errors/exit-codes.js'
import { existingPart } from './free-space.js'

const REFUSALS: readonly (string | undefined)[] = ['EACCES', 'EPERM', 'EROFS']

/**
 * Throws a `CliError` with this hint if the user may not write the files at these paths. Where a folder is missing, the one
 * above it counts.
 */
export function assertWritable(paths: readonly string[], hint: string): void {
  const folders = new Set([...new Set(paths.map((path) => dirname(path)))].map(existingPart))
  for (const folder of folders) {
    if (may(folder, constants.W_OK | constants.X_OK)) continue
    throw new CliError(`This user may not write to ${folder}.`, { hint, exitCode: EXIT.unusable })
  }
}

/** Whether the user may read what is at a path; also true if nothing is there any more. */
export function isReadable(path: string): boolean {
  return may(path, constants.R_OK)
}

/** Something to send or share may not be read. */
export function unreadableError(what: string): CliError {
  return new CliError(`This user may not read ${what}.`, {
    hint: 'Change the permissions, or list it in a file .swarmwayignore at the top of the folder.',
    exitCode: EXIT.unusable
  })
}

/** Whether an error says that the user may not do it. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && REFUSALS.includes((error as NodeJS.ErrnoException).code)
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch (error) {
    return !isRefusal(error)
  }
}
