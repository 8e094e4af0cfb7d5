import { lstatSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Hyperdrive } from '../share/packages.js'
import { folderNameOf, readName } from '../share/share-name.js'
import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import type { WrittenFiles } from './written-files.js'

/** Throws a `CliError` if there is something else than a folder where files are to be put. */
export function assertTarget(folder: string): void {
  const stats = statSync(folder, { throwIfNoEntry: false })
  if (stats === undefined || stats.isDirectory()) return
  throw new CliError(`${folder} is not a folder.`, { hint: 'Name another folder.', exitCode: EXIT.unusable })
}

/** The folder, in the current one, for a share when none was named: what the sharer calls it, or part of the key. */
export async function defaultTarget(drive: Hyperdrive): Promise<string> {
  return resolve(folderNameOf(await readName(drive)) ?? `share-${drive.id.slice(0, 8)}`)
}

/** Why files are not put into a folder that nobody named: it is here, and has nothing of this share. Or null. */
export function defaultRefusal(folder: string, written: WrittenFiles): CliError | null {
  if (written.isKnown || lstatSync(folder, { throwIfNoEntry: false }) === undefined) return null
  return new CliError(`${folder} is here already, and is not from this share.`, {
    hint: 'Name the folder to put the files into, that one or another, after the key.',
    exitCode: EXIT.unusable
  })
}
