import { type Stats, statSync } from 'node:fs'
import { CliError } from '../errors/cli-error.js'
import { EXIT } from '../errors/exit-codes.js'

/** Looks up a path that the user gave; undefined if nothing is there. Throws a `CliError` if the lookup fails. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new CliError(`${path} cannot be used: ${message}.`, {
      hint: 'Check the path, and whether you may use it.',
      exitCode: EXIT.unusable,
      cause: error
    })
  }
}

/** Throws a `CliError` if the target exists and is not a folder. */
export function assertTarget(folder: string): void {
  const stats = statOf(folder)
  if (stats === undefined || stats.isDirectory()) return
  throw new CliError(`${folder} is not a folder.`, { hint: 'Use another folder.', exitCode: EXIT.unusable })
}
