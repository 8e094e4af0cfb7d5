import { rmSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder } from '../share/make-folder.js'
import type { Blob, Blobs, Core, Entry, Hyperdrive } from '../share/packages.js'
import { prefetch } from '../share/prefetch.js'
import { realPath } from '../share/real-path.js'
import { shownKey } from '../share/share-view.js'
import { shortHash } from '../share/short-hash.js'
import { unfinishedName } from '../share/storage-name.js'
import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import { ProgressMeter } from '../shared/progress.js'
import { contentIdOf, type DownloadPlan, type PlannedFile } from './download-plan.js'
import { assertRoom, type Room } from './free-space.js'
import { lookAt } from './obstacle.js'
import { bytesOf } from './remote-files.js'
import { writeFile } from './write-file.js'
import type { WrittenFiles } from './written-files.js'

const NOTHING: Blob = { blockOffset: 0, blockLength: 0, byteOffset: 0, byteLength: 0 }

/** The target of a download. */
export interface DownloadTarget {
  /** Real path of the folder, which is created if missing. */
  readonly folder: string
  /** Where the blocks are kept until everything is written. */
  readonly blocks: string
  readonly written: WrittenFiles
  readonly signal: AbortSignal
  /** Default: asks the file system. */
  readonly room?: Room | undefined
}

/** Events of a download. */
export interface DownloadListener {
  /** There is work to do, and room for it. The returned function is called at the end. */
  onBegin(plan: DownloadPlan, meter: ProgressMeter, presentBytes: number): () => void
}

/**
 * Carries out the plan, file by file. A file gets its name only when it is complete and recorded as ours. The blocks in
 * the drive's storage are fetched once and deleted when all files are written.
 */
export async function download(
  drive: Hyperdrive,
  plan: DownloadPlan,
  target: DownloadTarget,
  listener: DownloadListener
): Promise<{ fetchedBytes: number }> {
  const blobs = await drive.getBlobs()
  const entries = plan.write.map(({ entry }) => entry)
  const [keptBytes, writtenBytes] = [sizeOf(plan.kept), sizeOf(entries)]
  const present = await presentBytes(blobs.core, entries)
  await checkRoom(target, writtenBytes, present)
  if (entries.length > 0) begin(target, unfinishedNameOf(drive, target), [...plan.kept, ...entries])
  const meter = new ProgressMeter(keptBytes + writtenBytes, keptBytes + present)
  const counter = countFetched(blobs.core, meter)
  const end = listener.onBegin(plan, meter, keptBytes + present)
  const stop = prefetch(blobs.core, entries)
  try {
    for (const file of plan.write) await write(drive, blobs, file, target)
  } catch (error) {
    throw asWriteError(error)
  } finally {
    stop()
    counter.stop()
    end()
  }
  if (entries.length > 0) target.written.tidy()
  if (blobs.core.length > 0) await blobs.core.clear(0, blobs.core.length)
  return { fetchedBytes: counter.bytes }
}

/** Fetched data is stored twice for a while: as blocks and as files. */
function checkRoom({ blocks, folder, room }: DownloadTarget, bytes: number, presentBytes: number): Promise<void> {
  const needs = [
    { path: folder, bytes },
    { path: blocks, bytes: bytes - presentBytes }
  ]
  return assertRoom(needs, { room })
}

/** Recorded first: an existing folder without a record is taken for somebody else's. */
function begin({ folder, written }: DownloadTarget, unfinished: string, entries: readonly Entry[]): void {
  try {
    written.begin()
    makeFolder(folder)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const hint = 'Name another folder.'
    throw new CliError(`${folder} cannot be made: ${message}.`, { hint, exitCode: EXIT.unusable, cause: error })
  }
  removeUnfinished(folder, unfinished, entries)
}

async function write(drive: Hyperdrive, blobs: Blobs, { before, entry }: PlannedFile, target: DownloadTarget) {
  const { folder, signal, written } = target
  const path = join(folder, entry.key)
  assertUnchanged(folder, entry.key, before)
  makeFolder(dirname(path))
  await writeFile(path, blobs.createReadStream(entry.value.blob ?? NOTHING), {
    before,
    signal,
    unfinished: join(dirname(path), unfinishedNameOf(drive, target)),
    onWhole(digest) {
      assertUnchanged(folder, entry.key, before)
      written.add(entry.key, { ...digest, contentId: contentIdOf(entry, blobs.core) })
    }
  })
}

/** Inspects a path again: hours may have passed since the plan was made. */
function assertUnchanged(folder: string, key: string, before: Stats | null): void {
  const { file, obstacle } = lookAt(folder, key)
  if (obstacle === null && isSameFile(before, file)) return
  const reason = obstacle ?? 'it was changed here after the download began'
  const hint = 'Run the command again: it resumes where it stopped, and says what to do about this file.'
  throw new CliError(`${shownKey(key)} could not be written: ${reason}.`, { hint, exitCode: EXIT.unusable })
}

function isSameFile(a: Stats | null, b: Stats | null): boolean {
  if (a === null || b === null) return a === b
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs
}

/** A killed process leaves its unfinished file behind. */
function removeUnfinished(folder: string, name: string, entries: readonly Entry[]): void {
  const folders = new Set(entries.map(({ key }) => dirname(join(folder, key))))
  for (const path of folders) rmSync(join(path, name), { force: true })
}

/** Only one process at a time uses these blocks. */
function unfinishedNameOf({ id }: Hyperdrive, { blocks }: DownloadTarget): string {
  return unfinishedName(shortHash(`${id} ${realPath(blocks)}`))
}

function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + bytesOf(entry), 0)
}

function countFetched(core: Core, meter: ProgressMeter): { bytes: number; stop(): void } {
  const onDownload = (_index: number, byteLength: number) => {
    counter.bytes += byteLength
    meter.add(byteLength)
  }
  const counter = { bytes: 0, stop: () => void core.off('download', onDownload) }
  core.on('download', onDownload)
  return counter
}

/** An error of the file system is shown with its path; everything else is unexpected. */
function asWriteError(error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  return new CliError(`A file could not be written: ${error.message}.`, {
    hint: 'Fix the problem and run the command again: it resumes where it stopped.',
    exitCode: EXIT.unusable,
    cause: error
  })
}

/** Number of bytes in the files whose blocks are already here from an earlier run. */
export async function presentBytes(blobs: Core, entries: readonly Entry[]): Promise<number> {
  let bytes = 0
  for (const { value } of entries) if (value.blob !== null) bytes += await presentOf(blobs, value.blob)
  return bytes
}

async function presentOf(blobs: Core, { blockLength, blockOffset, byteLength }: Blob): Promise<number> {
  if (blockLength === 0) return 0
  if (await blobs.has(blockOffset, blockOffset + blockLength)) return byteLength
  let blocks = 0
  // The count comes from a stranger; blocks after the end are never here.
  const end = Math.min(blockOffset + blockLength, blobs.length)
  for (let i = blockOffset; i < end; i++) if (await blobs.has(i)) blocks++
  // All blocks of a file have the same size, except the last.
  return Math.floor((byteLength * blocks) / blockLength)
}
