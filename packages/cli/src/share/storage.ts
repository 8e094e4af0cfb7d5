import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import { Corestore } from './packages.js'

/** The folder, within a shared or a downloaded one, of what is kept from run to run: keys and blocks. */
export const STORAGE_FOLDER = '.swarmway'

/** Opens what is kept for `folder`, in it or elsewhere. Throws a `CliError` when it is in use or cannot be written. */
export async function openStorage(folder: string, elsewhere?: string): Promise<Corestore> {
  const path = elsewhere ?? join(folder, STORAGE_FOLDER)
  try {
    mkdirSync(path, { recursive: true })
    const store = new Corestore(path)
    await store.ready()
    return store
  } catch (error) {
    throw storageError(path, error)
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
