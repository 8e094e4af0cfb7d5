import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import type { FolderContent, FolderFile } from '../shared/files/folder-walk.js'
import { statOf } from '../shared/files/stat-of.js'
import { BlockAppender } from './block-appender.js'
import { blockRanges } from './block-ranges.js'
import type { Entry, EntryValue, Hyperdrive } from './packages.js'
import type { SharedBlocks } from './shared-blocks.js'

/** A folder's contents, and what changed since it was last shared. */
export interface ShareCount {
  readonly files: number
  readonly bytes: number
  readonly changed: number
  /** Whether it was shared before. */
  readonly isKnown: boolean
}

/** Throws a `CliError` if there is no file. */
export function assertNotEmpty({ files, leftOut, root }: FolderContent): void {
  if (files.length === 0) {
    const hint = leftOut.some(({ reason }) => reason === 'rule')
      ? 'What is in it is ignored; use --no-ignore to share it anyway.'
      : 'Put a file into it, then run the command again. Links and empty folders are not shared.'
    throw unusable(`There is no file to share in ${root}.`, hint)
  }
}

/** How to import. */
export interface ImportOptions {
  /** Stops between two files, or two pieces of one. */
  readonly signal?: AbortSignal | undefined
  /** What was imported before by this process, by name. Files of the same size and time are not read again. */
  readonly seen?: Map<string, string> | undefined
  /** Bytes of a file have been read, or need not be read. */
  onRead?(bytes: number): void
  /** A file was removed before it was read. */
  onGone?(key: string): void
}

/**
 * Updates the drive to the folder's contents. Files that have been deleted or are now left out are no longer
 * served. Throws a `CliError` if there is no file.
 */
export async function importFolder(
  { files, leftOut, root }: FolderContent,
  drive: Hyperdrive,
  shared: SharedBlocks,
  options: ImportOptions = {}
) {
  assertNotEmpty({ files, leftOut, root })
  const isKnown = drive.version > 1
  const entries = await entriesOf(drive)
  let changed = await removeOthers(drive, entries, new Set(files.map(({ key }) => key)))
  const appender = new BlockAppender(shared)
  const importing = async (batch: Hyperdrive, file: FolderFile) => {
    options.signal?.throwIfAborted()
    if (await importUnlessSeen({ appender, drive: batch, entries, shared }, file, options)) changed++
  }
  await inBatches(drive, files, importing, () => appender.flush())
  const count = await forgetUnused([...entries.values()], shared)
  if (count.files === 0) assertNotEmpty({ files: [], leftOut, root })
  return { ...count, changed, isKnown } satisfies ShareCount
}

/** A drive's files by name. To look one up in the drive takes several reads of its database. */
type Entries = Map<string, Entry>

async function entriesOf(drive: Hyperdrive): Promise<Entries> {
  const entries: Entries = new Map()
  for await (const entry of drive.list('/')) entries.set(entry.key, entry)
  return entries
}

async function removeOthers(drive: Hyperdrive, entries: Entries, keys: ReadonlySet<string>): Promise<number> {
  const gone = [...entries.keys()].filter((key) => !keys.has(key))
  await inBatches(drive, gone, (batch, key) => {
    entries.delete(key)
    return batch.del(key)
  })
  return gone.length
}

/** Entries that are written together: one by one, each would be stored with the nodes of the tree above it. */
const BATCH_ENTRIES = 256

/** Does a task for each item, and `before` before a batch takes effect. What was done before an error is kept. */
async function inBatches<T>(
  drive: Hyperdrive,
  items: readonly T[],
  task: (batch: Hyperdrive, item: T) => Promise<unknown>,
  before: () => Promise<void> = async () => {}
): Promise<void> {
  for (let at = 0; at < items.length; at += BATCH_ENTRIES) {
    const batch = drive.batch()
    try {
      for (const item of items.slice(at, at + BATCH_ENTRIES)) await task(batch, item)
    } finally {
      await before()
      await batch.flush()
    }
  }
}

/** What files are imported into. */
interface Target {
  /** A batch. */
  readonly drive: Hyperdrive
  /** What it has, this batch included. */
  readonly entries: Entries
  readonly shared: SharedBlocks
  readonly appender: BlockAppender
}

async function importUnlessSeen(target: Target, file: FolderFile, options: ImportOptions): Promise<boolean> {
  const { onRead, seen } = options
  const version = `${file.bytes} ${file.modifiedMs} ${file.isExecutable}`
  if (seen?.get(file.key) === version) {
    onRead?.(file.bytes)
    return false
  }
  try {
    const isChanged = await importFile(target, file, options)
    seen?.set(file.key, version)
    return isChanged
  } catch (error) {
    if (!isGone(error)) throw asReadError(error)
    seen?.delete(file.key)
    options.onGone?.(file.key)
    return removeEntry(target, file.key)
  }
}

async function removeEntry({ drive, entries }: Target, key: string): Promise<boolean> {
  if (!entries.delete(key)) return false
  await drive.del(key)
  return true
}

async function putEntry({ drive, entries }: Target, key: string, value: EntryValue): Promise<void> {
  entries.set(key, { key, value })
  await drive.putEntry(key, value)
}

/** Returns whether there was anything to do. */
async function importFile(target: Target, file: FolderFile, options: ImportOptions) {
  const { appender, entries, shared } = target
  const { isExecutable, key } = file
  const entry = entries.get(key)
  const counter = new ReadCounter(options)
  if (entry === undefined || !(await isSame(shared, entry, file, counter))) {
    counter.restart()
    const blob = await appender.append(file, counter.add)
    await putEntry(target, key, { executable: isExecutable, linkname: null, blob, metadata: null })
    return true
  }
  if (entry.value.executable === isExecutable) return false
  await putEntry(target, key, { ...entry.value, executable: isExecutable })
  return true
}

/** Counts what is read of a file once, even if it is read twice. Throws when the signal fires. */
class ReadCounter {
  readonly #options: ImportOptions
  #bytes = 0
  #countedBytes = 0

  constructor(options: ImportOptions) {
    this.#options = options
  }

  /** The file is read again from the beginning. */
  restart(): void {
    this.#bytes = 0
  }

  readonly add = (bytes: number): void => {
    this.#options.signal?.throwIfAborted()
    this.#bytes += bytes
    if (this.#bytes <= this.#countedBytes) return
    this.#options.onRead?.(this.#bytes - this.#countedBytes)
    this.#countedBytes = this.#bytes
  }
}

async function isSame(shared: SharedBlocks, { value: { blob } }: Entry, file: FolderFile, counter: ReadCounter) {
  if ((blob?.byteLength ?? 0) !== file.bytes) return false
  if (blob === null || file.bytes === 0) return true
  if (!(await shared.core.has(blob.blockOffset, blob.blockOffset + blob.blockLength))) return false
  return shared.isUnchanged(blob, file, counter.add)
}

/** Deletes all blocks that belong to no file: otherwise anyone with the key could ask for earlier versions. */
async function forgetUnused(
  entries: readonly Entry[],
  shared: SharedBlocks
): Promise<{ files: number; bytes: number }> {
  const { core } = shared
  shared.keep(entries)
  let end = 0
  for (const range of blockRanges(entries)) {
    if (range.start > end) await core.clear(end, range.start)
    end = range.end
  }
  if (core.length > end) await core.clear(end, core.length)
  return { files: entries.length, bytes: entries.reduce((sum, { value }) => sum + (value.blob?.byteLength ?? 0), 0) }
}

/** Programs make and remove files at any time. */
function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

/** Explains an error of the file system about a shared file or folder to the user; returns other errors unchanged. */
export function asReadError(error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  const hint = 'Fix the problem or remove the file, then run the command again.'
  return new CliError(`The folder could not be read: ${error.message}.`, {
    hint,
    exitCode: EXIT.unusable,
    cause: error
  })
}

/** Throws a `CliError` unless the folder exists. */
export function assertFolder(path: string): void {
  const stats = statOf(path)
  if (stats === undefined) throw unusable(`The folder ${path} does not exist.`, 'Check the path.')
  if (!stats.isDirectory()) throw unusable(`${path} is not a folder.`, 'Put the file into a folder and share that.')
}

function unusable(message: string, hint: string): CliError {
  return new CliError(message, { hint, exitCode: EXIT.unusable })
}
