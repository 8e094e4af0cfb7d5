import type { Stats } from 'node:fs'
import { join } from 'node:path'
import type { Core, Entry } from '../share/packages.js'
import { lookAt } from './obstacle.js'
import { bytesOf, type Refusal, type RemoteFiles } from './remote-files.js'
import type { WrittenFiles } from './written-files.js'

/** A file to be written. */
export interface PlannedFile {
  readonly entry: Entry
  /** The file that it replaces. */
  readonly before: Stats | null
  /** Whether that is not what was written there. */
  readonly isForeign: boolean
}

/** What a download would do, decided before anything is fetched. */
export interface DownloadPlan {
  readonly write: readonly PlannedFile[]
  /** Files that are as they should be. */
  readonly kept: readonly Entry[]
  /** Not to be written, for the names that a stranger gave them; the rest can be. */
  readonly skipped: readonly Refusal[]
  /** What is here already and is not to be replaced unasked, or cannot be: then nothing is written. */
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
  /** Nothing more is looked at once it fires. */
  readonly signal?: AbortSignal | undefined
  /** Whether a path is where keys and blocks are kept. */
  readonly isOwn?: ((path: string) => boolean) | undefined
}

/** Looks at the place of each file that is offered. */
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

/** Decides about a file that is there: to keep it, to replace it, or the reason for neither. */
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

/** Why a file is not replaced unasked. */
const FOREIGN = {
  changed: 'it was changed here since it was downloaded',
  other: 'a file of this name is here, which this share did not write'
} as const

/** Tells the contents of one share apart. */
export function contentIdOf({ value: { blob } }: Entry, core: Core): string {
  if (blob === null) return 'empty'
  const { blockLength, blockOffset, byteLength, byteOffset } = blob
  return [core.fork, blockOffset, blockLength, byteOffset, byteLength].join(':')
}

/** Whether what is in the way is a file that `overwrite` would replace. */
export function isForeign({ reason }: Refusal): boolean {
  return reason === FOREIGN.changed || reason === FOREIGN.other
}
