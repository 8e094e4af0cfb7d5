import { hasWindowsMeaning } from '../shared/files/safe-path.js'
import { withoutInvisible } from '../shared/terminal/invisible.js'
import type { Hyperdrive } from './packages.js'

/** Kept beside the drive's files, which have their own prefix, so that Hyperdrive's commands do not show it. */
const NAME_KEY = 'swarmway/share'
/** Leaves room for suffixes below the usual limit of 255 bytes. */
const MAX_BYTES = 100
/** Anything but letters, digits and characters that are harmless to shells and file systems. */
const UNUSUAL = /[^\p{L}\p{M}\p{N}\p{Extended_Pictographic} ._+,@()=-]+/gu
const CONTROLS = /\p{Cc}/gu
/** A leading dot hides a file, a leading dash is read as an option, and Windows drops trailing dots and spaces. */
const ENDS = /^[ .-]+|[ .-]+$/g

/** Publishes the folder's name to those who get the share. */
export async function publishName(drive: Hyperdrive, name: string): Promise<void> {
  if ((await readName(drive)) !== name) await drive.db.put(NAME_KEY, { name })
}

/** The sharer's name for the folder; it can be anything, as it may come from a stranger. */
export async function readName(drive: Hyperdrive): Promise<unknown> {
  const value = (await drive.db.get(NAME_KEY))?.value
  return typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined
}

/**
 * Turns a stranger's folder name into one that can be made here: no separators, control characters, invisible
 * marks or leading dots, and a length and spelling that every system accepts. Null if nothing is left.
 */
export function folderNameOf(name: unknown): string | null {
  if (typeof name !== 'string') return null
  const shown = withoutInvisible(name.slice(0, 1000))
    .normalize('NFC')
    .replace(CONTROLS, '')
    .replace(/\p{Zs}/gu, ' ')
  const text = cut(shown.replace(UNUSUAL, '-').replace(ENDS, '')).replace(ENDS, '')
  return text === '' || hasWindowsMeaning(text) ? null : text
}

/** As many whole letters as fit. */
function cut(text: string): string {
  let bytes = 0
  let end = 0
  for (const letter of text) {
    bytes += Buffer.byteLength(letter)
    if (bytes > MAX_BYTES) break
    end += letter.length
  }
  return text.slice(0, end)
}
