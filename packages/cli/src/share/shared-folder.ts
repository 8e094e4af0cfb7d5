import { once } from 'node:events'
import { statSync } from 'node:fs'
import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import { digestOf, isSameDigest } from './digest.js'
import type { FolderContent, FolderFile } from './folder-walk.js'
import type { BlobWriter, Entry, Hyperdrive } from './packages.js'
import { blockRanges } from './prefetch.js'
import { readReal } from './safe-read.js'

/** A folder's contents, and what changed since it was last shared. */
export interface ShareCount {
  readonly files: number
  readonly bytes: number
  readonly changed: number
  /** Whether it was shared before. */
  readonly isKnown: boolean
}

/** Throws a `CliError` if there is no file. */
export function assertNotEmpty(folder: string, { files, leftOut }: FolderContent): void {
  if (files.length === 0) {
    const hint =
      leftOut.length === 0
        ? 'Put a file into it, then run the command again.'
        : 'Everything in it is ignored; use --no-ignore to share it anyway.'
    throw unusable(`There is no file to share in ${folder}.`, hint)
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
}

/**
 * Updates the drive to the folder's contents. Files that have been deleted or are now left out are no longer
 * served. Throws a `CliError` if there is no file.
 */
export async function importFolder(
  folder: string,
  { files, leftOut }: FolderContent,
  drive: Hyperdrive,
  options: ImportOptions = {}
) {
  assertNotEmpty(folder, { files, leftOut })
  const isKnown = drive.version > 1
  let changed = await removeOthers(drive, new Set(files.map(({ key }) => key)))
  await inBatches(drive, files, async (batch, file) => {
    options.signal?.throwIfAborted()
    if (await importUnlessSeen(batch, file, options)) changed++
  })
  return { ...(await forgetUnused(drive)), changed, isKnown } satisfies ShareCount
}

async function removeOthers(drive: Hyperdrive, keys: ReadonlySet<string>): Promise<number> {
  const gone: string[] = []
  for await (const { key } of drive.list('/')) if (!keys.has(key)) gone.push(key)
  await inBatches(drive, gone, (batch, key) => batch.del(key))
  return gone.length
}

/** Entries that are written together: one by one, each would be stored with the nodes of the tree above it. */
const BATCH_ENTRIES = 256

/** Does a task for each item. What was done before an error is kept. */
async function inBatches<T>(
  drive: Hyperdrive,
  items: readonly T[],
  task: (batch: Hyperdrive, item: T) => Promise<unknown>
): Promise<void> {
  for (let at = 0; at < items.length; at += BATCH_ENTRIES) {
    const batch = drive.batch()
    try {
      for (const item of items.slice(at, at + BATCH_ENTRIES)) await task(batch, item)
    } finally {
      await batch.flush()
    }
  }
}

async function importUnlessSeen(drive: Hyperdrive, file: FolderFile, options: ImportOptions): Promise<boolean> {
  const { onRead, seen } = options
  const version = `${file.bytes} ${file.modifiedMs} ${file.isExecutable}`
  if (seen?.get(file.key) === version) {
    onRead?.(file.bytes)
    return false
  }
  const isChanged = await importFile(drive, file, options)
  seen?.set(file.key, version)
  return isChanged
}

/** The content of a file, counted. */
async function* readCounted(path: string, { onRead, signal }: ImportOptions): AsyncGenerator<Uint8Array> {
  for await (const chunk of readReal(path)) {
    signal?.throwIfAborted()
    onRead?.(chunk.byteLength)
    yield chunk
  }
}

/** Returns whether there was anything to do. */
async function importFile(drive: Hyperdrive, file: FolderFile, options: ImportOptions): Promise<boolean> {
  const { isExecutable, key } = file
  const entry = await drive.entry(key)
  try {
    if (entry === null || !(await isSame(drive, entry, file, options))) {
      await pour(readCounted(file.path, options), drive.createWriteStream(key, { executable: isExecutable }))
      return true
    }
  } catch (error) {
    throw asReadError(error)
  }
  if (entry.value.executable === isExecutable) return false
  await drive.putEntry(key, { ...entry.value, executable: isExecutable })
  return true
}

async function isSame(
  drive: Hyperdrive,
  { value: { blob } }: Entry,
  { bytes, path }: FolderFile,
  { signal }: ImportOptions
): Promise<boolean> {
  if ((blob?.byteLength ?? 0) !== bytes) return false
  if (blob === null || bytes === 0) return true
  const blobs = await drive.getBlobs()
  if (!(await blobs.core.has(blob.blockOffset, blob.blockOffset + blob.blockLength))) return false
  return isSameDigest(await digestOf(blobs.createReadStream(blob)), await digestOf(readCounted(path, { signal })))
}

/** Deletes all blocks that belong to no file: otherwise anyone with the key could ask for earlier versions. */
async function forgetUnused(drive: Hyperdrive): Promise<{ files: number; bytes: number }> {
  const { core } = await drive.getBlobs()
  const entries: Entry[] = []
  for await (const entry of drive.list('/')) entries.push(entry)
  let end = 0
  for (const range of blockRanges(entries)) {
    if (range.start > end) await core.clear(end, range.start)
    end = range.end
  }
  if (core.length > end) await core.clear(end, core.length)
  return { files: entries.length, bytes: entries.reduce((sum, { value }) => sum + (value.blob?.byteLength ?? 0), 0) }
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
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) throw unusable(`The folder ${path} does not exist.`, 'Check the path.')
  if (!stats.isDirectory()) throw unusable(`${path} is not a folder.`, 'Put the file into a folder and share that.')
}

function unusable(message: string, hint: string): CliError {
  return new CliError(message, { hint, exitCode: EXIT.unusable })
}

/** Writes all chunks to a drive's file and waits when it is full. Rejects if either side fails. */
async function pour(chunks: AsyncIterable<Uint8Array>, file: BlobWriter): Promise<void> {
  const closed = once(file, 'close')
  closed.catch(() => {})
  try {
    for await (const chunk of chunks) if (!file.write(chunk)) await Promise.race([once(file, 'drain'), closed])
  } catch (error) {
    file.destroy()
    throw error
  }
  file.end()
  await closed
}
