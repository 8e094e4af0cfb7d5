import { existsSync } from 'node:fs'
import { join, sep } from 'node:path'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { failureText, remedyOf } from '../shared/errors/write-error.js'
import { dataFolder } from '../shared/files/data-folder.js'
import { makeFolder } from '../shared/files/make-folder.js'
import { realPath, wayWithin } from '../shared/files/real-path.js'
import { shortHash } from '../shared/files/short-hash.js'
import { isStorageName } from '../shared/files/storage-name.js'
import { keyEncoding } from '../shared/names/keys.js'
import { type Corestore, createCorestore, loadStorePackages } from './packages.js'
import { folderNameOf } from './share-name.js'

/** Nobody else on this machine may read a secret key. */
const PRIVATE_MODE = 0o700

/** Where the key and the copy of a shared folder are kept: one place per real path. */
export function shareStorage(folder: string, elsewhere?: string): string {
  const path = realPath(folder)
  const name = `${folderNameOf(path.split(sep).at(-1)) ?? 'folder'}-${shortHash(path)}`
  return elsewhere ?? join(dataFolder(), 'share', name)
}

/** Where a download keeps its data. */
export interface GetStorage {
  /** Records of written files, for all folders. */
  readonly notes: string
  /** The fetched blocks. Only one process at a time can use them. */
  readonly blocks: string
  /** Whether the blocks have a folder of their own, which can be deleted when everything is written. */
  readonly isTransient: boolean
}

/** The storage for downloads of `key` with the same `target`, or in the same folder. */
export function getStorage(key: Uint8Array, target: string | undefined, elsewhere?: string): GetStorage {
  if (elsewhere !== undefined) return { notes: elsewhere, blocks: elsewhere, isTransient: false }
  const notes = join(dataFolder(), 'get', keyEncoding.encode(key))
  const place = target === undefined ? `${process.cwd()}${sep}` : realPath(target)
  return { notes, blocks: join(notes, `blocks-${shortHash(place)}`), isTransient: true }
}

/**
 * Opens the storage at `path`. Throws a `CliError` if it is in use or cannot be written. If it cannot be written later, as
 * on a full disk, `broken` is aborted with a `CliError`: it then stores nothing more.
 */
export async function openStorage(path: string, broken = new AbortController()): Promise<Corestore> {
  // What it throws says what to do.
  loadStorePackages()
  try {
    makeFolder(path, PRIVATE_MODE)
    const store = createCorestore(path, (error) => broken.abort(brokenStorage(path, error)))
    await store.ready()
    return store
  } catch (error) {
    throw storageError(path, error)
  }
}

/** What ended a command whose storage may have been the reason. */
export function asStorageError(error: unknown, { signal }: AbortController): unknown {
  return signal.aborted && !(error instanceof CliError) ? signal.reason : error
}

/** Throws a `CliError` if `path`, the user's storage, is inside `folder` under a name other than ours. */
export function assertApart(folder: string, path: string): void {
  const way = wayWithin(realPath(folder), realPath(path))
  if (way === null || way.split(sep).some(isStorageName)) return
  throw new CliError(`The storage ${path} is inside the shared folder.`, {
    hint: 'Its secret key would be shared. Use a folder outside, or leave out --storage.',
    exitCode: EXIT.unusable
  })
}

function storageError(path: string, error: unknown): CliError {
  const [sentence, hint] = explain(path, rootCause(error))
  return new CliError(sentence, { hint, exitCode: EXIT.unusable, cause: error })
}

/** It could be used, and cannot be written any more. */
function brokenStorage(path: string, error: unknown): CliError {
  if (existsSync(path)) return storageError(path, error)
  return new CliError(`${path} was removed while it was in use.`, {
    hint: 'Run the command again. What was kept there is lost: a share gets a new key, and a download begins again.',
    exitCode: EXIT.unusable,
    cause: error
  })
}

/** The database wraps the error of the file system in one of its own. */
function rootCause(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootCause(error.cause) : error
}

function explain(path: string, cause: unknown): [sentence: string, hint: string] {
  const message = failureText(cause)
  if (/lock/i.test(message)) {
    return [`Another swarmway is using ${path}.`, 'Only one process can use it at a time; stop the other one first.']
  }
  // Two copies that resume with the same secret key would contradict each other.
  if (/device file/i.test(message)) {
    return [
      `${path} is a copy of another storage, which is not safe to use.`,
      'Delete it and start over; sharing then has a new key.'
    ]
  }
  const remedy = remedyOf(cause)
  return [
    `${path} could not be used: ${message}.`,
    `${remedy === undefined ? 'Use' : `${remedy}, or use`} --storage <folder>: keys and hashes are kept there.`
  ]
}
