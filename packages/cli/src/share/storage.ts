import { realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import { makeFolder } from './make-folder.js'
import { Corestore } from './packages.js'
import { isStorageName, STORAGE_FOLDER } from './storage-name.js'

/** Opens what is kept for `folder`, in it or elsewhere. Throws a `CliError` when it is in use or cannot be written. */
export async function openStorage(folder: string, elsewhere?: string): Promise<Corestore> {
  const path = elsewhere ?? join(folder, STORAGE_FOLDER)
  assertApart(folder, path)
  try {
    makeFolder(path)
    const store = new Corestore(path)
    await store.ready()
    return store
  } catch (error) {
    throw storageError(path, error)
  }
}

/** Within the folder only what has our name is neither published nor written by others. */
function assertApart(folder: string, path: string): void {
  const way = relative(realPath(folder), realPath(path))
  const isWithin = way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
  if (!isWithin || way.split(sep).some(isStorageName)) return
  throw new CliError(`The storage ${path} lies in the folder itself.`, {
    hint: 'Its secret key would be among the files. Name a folder outside, or leave out --storage.',
    exitCode: EXIT.unusable
  })
}

/** The path without links, as far as there is something. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const parent = dirname(resolve(path))
    return parent === resolve(path) ? parent : join(realPath(parent), basename(path))
  }
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
      'Only one at a time can share or get a folder; end the other one first.'
    ]
  }
  // Two copies that go on with one secret key would contradict each other.
  if (/device file/i.test(message)) {
    return [
      `${path} is a copy, which is not safe to go on with.`,
      'Delete it and begin anew; sharing then has a new key.'
    ]
  }
  return [
    `${path} cannot be used: ${message}.`,
    'Keys and blocks are kept there; --storage <folder> puts them elsewhere.'
  ]
}
