import { createHash } from 'node:crypto'
import { join, sep } from 'node:path'
import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import { dataFolder } from './data-folder.js'
import { makeFolder } from './make-folder.js'
import { Corestore, keyEncoding } from './packages.js'
import { realPath, wayWithin } from './real-path.js'
import { folderNameOf } from './share-name.js'
import { isStorageName } from './storage-name.js'

/** Nobody else on the machine may read a secret key. */
const PRIVATE_MODE = 0o700

/** Where the key and the copy of a shared folder are kept: one place for each real path. */
export function shareStorage(folder: string, elsewhere?: string): string {
  const path = realPath(folder)
  const name = `${folderNameOf(path.split(sep).at(-1)) ?? 'folder'}-${shortHash(path)}`
  return elsewhere ?? join(dataFolder(), 'share', name)
}

/** Where a download keeps what it has to know. */
export interface GetStorage {
  /** Notes of what was written where, for all folders. */
  readonly notes: string
  /** The blocks of what is fetched. One process at a time can use them. */
  readonly blocks: string
  /** Whether the blocks have a place of their own, and can go when all is written. */
  readonly isTransient: boolean
}

/** Where things are kept for downloads of `key` that are begun alike: with the same `target`, or in the same folder. */
export function getStorage(key: Uint8Array, target: string | undefined, elsewhere?: string): GetStorage {
  if (elsewhere !== undefined) return { notes: elsewhere, blocks: elsewhere, isTransient: false }
  const notes = join(dataFolder(), 'get', keyEncoding.encode(key))
  const place = target === undefined ? `${process.cwd()}${sep}` : realPath(target)
  return { notes, blocks: join(notes, `blocks-${shortHash(place)}`), isTransient: true }
}

/** A name for a text that can be part of a path. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Opens what is kept in `path`. Throws a `CliError` when it is in use or cannot be written. */
export async function openStorage(path: string): Promise<Corestore> {
  try {
    makeFolder(path, PRIVATE_MODE)
    const store = new Corestore(path)
    await store.ready()
    return store
  } catch (error) {
    throw storageError(path, error)
  }
}

/** Throws a `CliError` if `path`, which the person named as storage, lies in `folder` under another name than ours. */
export function assertApart(folder: string, path: string): void {
  const way = wayWithin(realPath(folder), realPath(path))
  if (way === null || way.split(sep).some(isStorageName)) return
  throw new CliError(`The storage ${path} lies in the folder itself.`, {
    hint: 'Its secret key would be among the files. Name a folder outside, or leave out --storage.',
    exitCode: EXIT.unusable
  })
}

function storageError(path: string, error: unknown): CliError {
  const message = error instanceof Error ? error.message : String(error)
  const [sentence, hint] = explain(path, message)
  return new CliError(sentence, { hint, exitCode: EXIT.unusable, cause: error })
}

function explain(path: string, message: string): [sentence: string, hint: string] {
  if (/lock/i.test(message)) {
    return [
      `Another swarmway is using ${path}.`,
      'Only one at a time can share a folder, or get a key into it; end the other one first.'
    ]
  }
  // Two copies that go on with one secret key would contradict each other.
  if (/device file/i.test(message)) {
    return [
      `${path} is a copy of another storage, which is not safe to use.`,
      'Delete it and start over; sharing then has a new key.'
    ]
  }
  return [
    `${path} cannot be used: ${message}.`,
    'Keys and blocks are kept there; --storage <folder> puts them elsewhere.'
  ]
}
