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

/** All that came with a code. */
export type Kept = readonly KeptFile[]

/** What is noted about a file, so that a page that is loaded again still has it. */
interface Note {
  readonly key: string
  readonly bytes: number
  readonly modifiedMs: number
  readonly crc: number
}

/** Notes that these files are whole. */
export async function writeKept(parts: PartStore, targets: readonly BrowserTarget[]): Promise<Kept> {
  const notes: Note[] = targets.map(({ crc, offered }) => ({ ...offered, crc }))
  await parts.writeNote(JSON.stringify(notes))
  return keptOf(parts, notes)
}

/** What an earlier page has noted; null if it was not finished, or if a part of it is gone. */
export async function readKept(parts: PartStore): Promise<Kept | null> {
  const text = await parts.readNote()
  if (text === null) return null
  // Only this page writes there.
  const notes = JSON.parse(text) as Note[]
  const kept = await keptOf(parts, notes)
  return kept.every(({ content }, index) => content.size === notes[index]?.bytes) ? kept : null
}

function keptOf(parts: PartStore, notes: readonly Note[]): Promise<Kept> {
  return Promise.all(
    notes.map(async ({ crc, ...offered }) => {
      const content = await new BrowserTarget(0, offered, parts).content()
      return { path: offered.key.slice(1), content, crc, modifiedMs: offered.modifiedMs }
    })
  )
}
