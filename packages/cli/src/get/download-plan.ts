import type { Stats } from 'node:fs'
import { join } from 'node:path'
import type { Core, Entry } from '../share/packages.js'
import { lookAt } from '../shared/files/obstacle.js'
import type { Refusal } from '../shared/files/refusal.js'
import { bytesOf, type RemoteFiles } from './remote-files.js'
import type { WrittenFiles } from './written-files.js'

/** A file to write. */
export interface PlannedFile {
  readonly entry: Entry
  /** The file that it replaces. */
  readonly before: Stats | null
  /** Whether that file is not the one written there before. */
  readonly isForeign: boolean
}

/** The plan of a download, made before anything is fetched. */
export interface DownloadPlan {
  readonly write: readonly PlannedFile[]
  /** Files that need no change. */
  readonly kept: readonly Entry[]
  /** Files that cannot be written because of their names, which a stranger chose; the others can. */
  readonly skipped: readonly Refusal[]
  /** Files that must not be replaced without --overwrite, or cannot be; if there are any, nothing is written. */
  readonly refused: readonly Refusal[]
}

/** What a plan is made for. */
export interface PlanOptions {
  readonly folder: string
  readonly written: WrittenFiles
  /** Whether files that were not written by this share may be replaced. Default: false. */
  readonly overwrite?: boolean | undefined
  /** The core of the contents. */
  readonly core: Core
  /** Stops the inspection when it fires. */
  readonly signal?: AbortSignal | undefined
  /** Whether a path is where keys and blocks are stored. */
  readonly isOwn?: ((path: string) => boolean) | undefined
}

/** Inspects the target path of each offered file. */
export async function planDownload({ skipped, wanted }: RemoteFiles, options: PlanOptions): Promise<DownloadPlan> {
  const { folder, isOwn = () => false, signal } = options
  const [write, kept, refused]: [PlannedFile[], Entry[], Refusal[]] = [[], [], []]
  for (const entry of wanted) {
    signal?.throwIfAborted()
    const refuse = (reason: string) => refused.push({ key: entry.key, reason, bytes: bytesOf(entry) })
    const { file, obstacle } = lookAt(folder, entry.key)
    if (obstacle !== null) refuse(obstacle)
    else if (isOwn(join(folder, entry.key))) refuse('swarmway keeps its keys there')
    else if (file === null) write.push({ entry, before: null, isForeign: false })
    else {
      const decision = await judge(entry, file, options)
      if (decision === 'keep') kept.push(entry)
      else if (typeof decision === 'string') refuse(decision)
      else write.push({ entry, before: file, ...decision })
    }
  }
  return { write, kept, skipped, refused }
}

/** Decides whether to keep or replace an existing file, or gives the reason for neither. */
async function judge(
  entry: Entry,
  file: Stats,
  { core, folder, overwrite, signal, written }: PlanOptions
): Promise<string | { isForeign: boolean }> {
  const ours = await written.untouched(entry.key, join(folder, entry.key), file.size, signal)
  if (ours?.contentId === contentIdOf(entry, core)) return 'keep'
  if (ours !== null || overwrite) return { isForeign: ours === null }
  return written.has(entry.key) ? FOREIGN.changed : FOREIGN.other
}

/** Why a file is not replaced without --overwrite. */
const FOREIGN = {
  changed: 'it was changed here after it was downloaded',
  other: 'a file of this name exists that was not downloaded from this share'
} as const

/** Identifies one version of a file's contents within a share. */
export function contentIdOf({ value: { blob } }: Entry, core: Core): string {
  if (blob === null) return 'empty'
  const { blockLength, blockOffset, byteLength, byteOffset } = blob
  return [core.fork, blockOffset, blockLength, byteOffset, byteLength].join(':')
}

/** Whether the obstacle is a file that `overwrite` would replace. */
export function isForeign({ reason }: Refusal): boolean {
  return reason === FOREIGN.changed || reason === FOREIGN.other
}
