import { BrowserTarget } from './browser-target.js'
import type { PartStore } from './parts/part-store.js'

/** A whole file in this browser. */
export interface KeptFile {
  /** With slashes, none at the beginning. */
  readonly path: string
  readonly content: Blob
  readonly crc: number
  readonly modifiedMs: number
}

/** Files that were offered and did not come, with slashes, none at the beginning. */
export interface Missing {
  /** The sender changed or removed them. */
  readonly changed: readonly string[]
  /** Their names may not be used. */
  readonly skipped: readonly string[]
}

/** All that came with a code, and what did not. */
export interface Kept extends Missing {
  readonly files: readonly KeptFile[]
}

/** What is noted about a file, so that a page that is loaded again still has it. */
interface FileNote {
  readonly key: string
  readonly bytes: number
  readonly modifiedMs: number
  readonly crc: number
}

interface Note extends Missing {
  readonly files: readonly FileNote[]
}

/** Notes that these files are whole. */
export async function writeKept(
  parts: PartStore,
  targets: readonly BrowserTarget[],
  { changed, skipped }: Missing
): Promise<Kept> {
  const note: Note = { files: targets.map(({ crc, offered }) => ({ ...offered, crc })), changed, skipped }
  await parts.writeNote(JSON.stringify(note))
  return keptOf(parts, note)
}

/** What an earlier page has noted; null if it was not finished, or if a part of it is gone. */
export async function readKept(parts: PartStore): Promise<Kept | null> {
  const text = await parts.readNote()
  if (text === null) return null
  // Only this page writes there.
  const note: Note = JSON.parse(text)
  const kept = await keptOf(parts, note)
  return kept.files.every(({ content }, index) => content.size === note.files[index]?.bytes) ? kept : null
}

/** Number of files in a note. */
export function notedCount(text: string): number {
  const { files }: Note = JSON.parse(text)
  return files.length
}

async function keptOf(parts: PartStore, { files, ...missing }: Note): Promise<Kept> {
  const kept = files.map(async ({ crc, ...offered }) => {
    const content = await new BrowserTarget(0, offered, parts).content()
    return { path: offered.key.slice(1), content, crc, modifiedMs: offered.modifiedMs }
  })
  return { files: await Promise.all(kept), ...missing }
}
