import { lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Hyperdrive } from '../share/packages.js'
import { folderNameOf, readName } from '../share/share-name.js'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import type { WrittenFiles } from './written-files.js'

/** The default folder for a share, in the current one: the sharer's name for it, or part of the key. */
export async function defaultTarget(drive: Hyperdrive): Promise<string> {
  return resolve(folderNameOf(await readName(drive)) ?? `share-${drive.id.slice(0, 8)}`)
}

/** Why the default folder cannot be used: it exists and has no files of this share. Null if it can. */
export function defaultRefusal(folder: string, written: WrittenFiles): CliError | null {
  if (written.isKnown || lstatSync(folder, { throwIfNoEntry: false }) === undefined) return null
  return new CliError(`${folder} already exists and is not from this share.`, {
    hint: 'Add a folder after the key: that one or another.',
    exitCode: EXIT.unusable
  })
}
