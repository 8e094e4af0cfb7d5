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
  if (/lock/i.test(message)) {
    return new CliError(`Another swarmway is using ${path}.`, {
      hint: 'Only one at a time can share or get a folder; end the other one first.',
      exitCode: EXIT.unusable,
      cause: error
    })
  }
  return new CliError(`${path} cannot be used: ${message}.`, {
    hint: 'It keeps keys and blocks from run to run; --storage <folder> puts it elsewhere.',
    exitCode: EXIT.unusable,
    cause: error
  })
}
