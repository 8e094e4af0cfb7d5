import { rmSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Blob, Core, Entry, Hyperdrive } from '../share/packages.js'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { asWriteError, failureText, remedyOf } from '../shared/errors/write-error.js'
import { shownKey } from '../shared/files/file-texts.js'
import { assertRoom, type Room } from '../shared/files/free-space.js'
import { makeFolder } from '../shared/files/make-folder.js'
import { lookAt } from '../shared/files/obstacle.js'
import { realPath } from '../shared/files/real-path.js'
import { shortHash } from '../shared/files/short-hash.js'
import { unfinishedName } from '../shared/files/storage-name.js'
import { ProgressMeter } from '../shared/terminal/progress.js'
import { askAgain } from './ask-again.js'
import { contentIdOf, type DownloadPlan, type PlannedFile } from './download-plan.js'
import { FetchedBlocks, type WrittenBlocks } from './fetched-blocks.js'
import { OpenedAhead } from './opened-ahead.js'
import { PartFile, removeOtherParts } from './part-file.js'
import { blockCount, ReadAhead } from './read-ahead.js'
import { bytesOf } from './remote-files.js'
import { ShareChanged, ShareWatch } from './share-watch.js'
import { KeptFolder } from './target-folder.js'
import type { WrittenFiles } from './written-files.js'

const NOTHING: Blob = { blockOffset: 0, blockLength: 0, byteOffset: 0, byteLength: 0 }

/** The target of a download. */
export interface DownloadTarget {
  /** Real path of the folder, which is created if missing. */
  readonly folder: string
  /** Where the hashes of the blocks are kept until everything is written. */
  readonly blocks: string
  readonly written: WrittenFiles
  readonly signal: AbortSignal
  /** The version of the drive that the plan was made from. */
  readonly version: number
  /** Default: asks the file system. */
  readonly room?: Room | undefined
}

/** Events of a download. */
export interface DownloadListener {
  /** There is work to do, and room for it. The returned function is called at the end. */
  onBegin(plan: DownloadPlan, meter: ProgressMeter, presentBytes: number): () => void
}

/** What has come of a download. */
export interface Downloaded {
  readonly fetchedBytes: number
  /** Null if everything is written; else the sharer has published another version of a file that is not. */
  readonly changed: ShareChanged | null
}

/** What the files of a download have in common. */
interface Job {
  readonly core: Core
  readonly fetched: FetchedBlocks
  readonly ahead: ReadAhead
  readonly target: DownloadTarget
  readonly meter: ProgressMeter
}

/** A planned file and what there is of it. */
interface Work extends PlannedFile {
  readonly blob: Blob
  readonly part: PartFile
  readonly place: WrittenBlocks
}

/**
 * Carries out the plan, file by file. Blocks are written to a file beside its place as they arrive, and kept nowhere else.
 * A file gets its name only when it is complete and recorded as ours.
 */
export async function download(
  drive: Hyperdrive,
  plan: DownloadPlan,
  target: DownloadTarget,
  listener: DownloadListener
): Promise<Downloaded> {
  const { core } = await drive.getBlobs()
  const fetched = new FetchedBlocks(core)
  const writer = writerOf(drive, target)
  const works = plan.write.map((file) => workOf(writer, file, target, core))
  for (const { blob, part } of works) await part.resume(blob, fetched.storage, target.signal)
  await forgetOthers(core, works)
  for (const { part, place } of works) if (part.bytes > 0) fetched.began(place)
  const present = works.reduce((sum, { part }) => sum + part.bytes, 0)
  const [keptBytes, writtenBytes] = [sizeOf(plan.kept), sizeOf(plan.write.map(({ entry }) => entry))]
  await assertRoom([{ path: target.folder, bytes: writtenBytes - present }], { room: target.room })
  if (works.length > 0) begin(writer, target, [...plan.kept, ...plan.write.map(({ entry }) => entry)], works)
  const folder = new KeptFolder(target.folder)
  const meter = new ProgressMeter(keptBytes + writtenBytes, keptBytes + present)
  const fetchedBytes = () => meter.read().doneBytes - keptBytes - present
  const end = listener.onBegin(plan, meter, keptBytes + present)
  const watch = new ShareWatch(drive, core.session(), target)
  const ahead = aheadOf(works, (index) => fetched.fetch(index, watch.session))
  const opened = new OpenedAhead(works, (work) => {
    folder.assertSame()
    return openPart(work, target.folder)
  })
  let current: Work | null = null
  const endAsking = askAgain(core)
  try {
    for (const [number, work] of works.entries()) {
      current = work
      await watch.assertCurrent(work.entry)
      await opened.take(number)
      await write(work, number, { core, fetched, ahead, target, meter })
    }
    folder.assertSame()
    if (works.length > 0) target.written.tidy()
  } catch (error) {
    if (watch.reason instanceof ShareChanged) {
      // Its next version has other blocks. The change may be that of the file before, which was complete.
      if (current?.entry.key === watch.reason.key) rmSync(current.part.path, { force: true })
      return { fetchedBytes: fetchedBytes(), changed: watch.reason }
    }
    if (watch.reason !== null) throw watch.reason
    folder.assertSame()
    throw asWriteError(error)
  } finally {
    endAsking()
    await opened.close()
    target.written.close()
    await watch.close()
    end()
  }
  if (core.length > 0) await core.clear(0, core.length)
  return { fetchedBytes: fetchedBytes(), changed: null }
}

function workOf(writer: string, file: PlannedFile, target: DownloadTarget, core: Core): Work {
  const content = shortHash(`${file.entry.key} ${contentIdOf(file.entry, core)}`)
  const name = unfinishedName(`${writer}-${content}`)
  const part = new PartFile(join(target.folder, dirname(file.entry.key), name))
  const blob = file.entry.value.blob ?? NOTHING
  return { ...file, blob, part, place: { path: part.path, start: blob.blockOffset, offsets: part.offsets } }
}

/**
 * Blocks that an earlier run has fetched, and that are not in an unfinished file, have to be fetched again. All at once, and
 * before anything is requested: hashes that a request relies on must not go meanwhile.
 */
async function forgetOthers(core: Core, works: readonly Work[]): Promise<void> {
  const kept = works.filter(({ part }) => part.bytes > 0).sort((a, b) => a.blob.blockOffset - b.blob.blockOffset)
  let start = 0
  for (const { blob, part } of kept) {
    if (blob.blockOffset > start) await core.clear(start, blob.blockOffset)
    start = Math.max(start, blob.blockOffset + part.offsets.length)
  }
  if (core.length > start) await core.clear(start, core.length)
}

function aheadOf(works: readonly Work[], fetch: (index: number) => Promise<Uint8Array>): ReadAhead {
  const blobs = works.map(({ blob }) => blob)
  return new ReadAhead(blobs, fetch, (file) => works[file]?.part.offsets.length ?? 0)
}

/** Recorded first: an existing folder without a record is taken for somebody else's. */
function begin(writer: string, target: DownloadTarget, entries: readonly Entry[], works: readonly Work[]): void {
  const { folder, written } = target
  try {
    written.begin()
    makeFolder(folder)
  } catch (error) {
    written.close()
    throw new CliError(`${folder} cannot be used: ${failureText(error)}.`, {
      hint: `${remedyOf(error) ?? 'Fix the problem'}, or name another folder.`,
      exitCode: EXIT.unusable,
      cause: error
    })
  }
  const folders = entries.map(({ key }) => dirname(join(folder, key)))
  removeOtherParts(folders, writer, new Set(works.map(({ part }) => part.path)))
}

/** Only one process at a time uses this storage. */
function writerOf({ id }: Hyperdrive, { blocks }: DownloadTarget): string {
  return shortHash(`${id} ${realPath(blocks)}`)
}

async function openPart({ before, entry, part }: Work, folder: string): Promise<void> {
  assertUnchanged(folder, entry.key, before)
  makeFolder(dirname(part.path))
  await part.open(before)
}

/** Its part is open. */
async function write(work: Work, number: number, job: Job): Promise<void> {
  const { before, entry, part, place } = work
  const { core, fetched, target } = job
  const { folder, signal, written } = target
  const path = join(folder, entry.key)
  if (part.bytes === 0) fetched.began(place)
  try {
    await writeBlocks(work, number, job)
    assertComplete(work)
    signal.throwIfAborted()
    assertUnchanged(folder, entry.key, before)
    written.add(entry.key, { ...part.digest(), contentId: contentIdOf(entry, core) })
    part.finish(path, before)
    place.path = path
  } finally {
    part.close()
  }
}

async function writeBlocks({ blob, entry, part }: Work, number: number, { ahead, fetched, meter, target }: Job) {
  while (part.bytes < blob.byteLength && part.offsets.length < blockCount(blob)) {
    const index = blob.blockOffset + part.offsets.length
    const block = await ahead.take(number, index)
    target.signal.throwIfAborted()
    if (block.byteLength > blob.byteLength - part.bytes) throw contradiction(entry)
    await part.write(block)
    fetched.wrote(index)
    meter.add(block.byteLength)
  }
}

/** A file that is complete before its last block would leave the others, which are requested already, in memory. */
function assertComplete({ blob, entry, part }: Work): void {
  if (part.bytes !== blob.byteLength || part.offsets.length !== blockCount(blob)) throw contradiction(entry)
}

function contradiction({ key }: Entry): CliError {
  return new CliError(`${shownKey(key)} could not be written: its blocks are not as long as the share says.`, {
    hint: 'Ask the sharer to share the folder again.',
    exitCode: EXIT.broken
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

function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + bytesOf(entry), 0)
}
