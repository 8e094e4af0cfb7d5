import { statSync } from 'node:fs'
import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import { type Drive, type Entry, type Hyperdrive, Localdrive } from './packages.js'
import { isStorageName } from './storage-name.js'

/** What a folder has, and what changed since it was shared last. */
export interface ShareCount {
  readonly files: number
  readonly bytes: number
  readonly changed: number
  /** Whether it was shared before. */
  readonly isKnown: boolean
}

/** A folder as it is shared: its files. Links could lead anywhere, so they are left out, and so is our storage. */
class SharedFolder extends Localdrive {
  override async entry(name: string | { key: string }, options?: object): Promise<Entry | null> {
    const entry = await super.entry(name, options)
    return entry === null || entry.value.linkname !== null || isOurs(entry.key) ? null : entry
  }
}

/** Brings the drive to what the folder has now. Throws a `CliError` if there is no file in it. */
export async function importFolder(path: string, drive: Hyperdrive): Promise<ShareCount> {
  const folder = new SharedFolder(path)
  const isKnown = drive.version > 1
  const changed = await importFiles(folder, drive)
  const count = await countFiles(drive)
  if (count.files === 0) throw unusable(`There is no file in ${path}.`, 'Put something in, then share it.')
  return { ...count, changed, isKnown }
}

/** Returns how many files are new, changed or gone. */
async function importFiles(folder: SharedFolder, drive: Hyperdrive): Promise<number> {
  let changed = 0
  try {
    for await (const { op } of folder.mirror(drive, { ignore: isOurs })) if (op !== 'equal') changed++
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    const hint = 'Mend that, or take the file out of the folder, and run it again.'
    throw new CliError(`A file could not be read: ${error.message}.`, { hint, exitCode: EXIT.unusable, cause: error })
  }
  return changed
}

async function countFiles(drive: Drive): Promise<{ files: number; bytes: number }> {
  let files = 0
  let bytes = 0
  for await (const { value } of drive.list('/')) {
    files++
    bytes += value.blob?.byteLength ?? 0
  }
  return { files, bytes }
}

/** A folder within may have been shared itself: its storage, too, has a secret key. */
function isOurs(key: string): boolean {
  return key.split('/').some(isStorageName)
}

/** Throws a `CliError` unless there is a folder. */
export function assertFolder(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) throw unusable(`There is no folder ${path}.`, 'Check the path.')
  if (!stats.isDirectory()) throw unusable(`${path} is no folder.`, 'Put the file into a folder, and share that.')
}

function unusable(message: string, hint: string): CliError {
  return new CliError(message, { hint, exitCode: EXIT.unusable })
}
