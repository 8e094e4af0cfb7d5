import { lstatSync, statSync } from 'node:fs'
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

/** Notices that a folder was removed, or replaced by another, while files were written into it. */
export class KeptFolder {
  readonly #path: string
  readonly #id: string | null

  /** The folder may be missing if nothing is written into it. */
  constructor(path: string) {
    this.#path = path
    this.#id = idOf(path)
  }

  /** Throws a `CliError` if it is no longer the folder that it was: the files that were written are not in it. */
  assertSame(): void {
    if (idOf(this.#path) === this.#id) return
    throw new CliError(`${this.#path} was removed or replaced during the download.`, {
      hint: 'Run the command again: it gets all files that are not there.',
      exitCode: EXIT.unusable
    })
  }
}

function idOf(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? null : `${stats.dev} ${stats.ino}`
}
