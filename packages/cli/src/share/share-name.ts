import type { Hyperdrive } from './packages.js'
import { hasWindowsMeaning } from './safe-path.js'

/** Beside the files of a drive, which have a prefix of their own: Hyperdrive's commands do not show it. */
const NAME_KEY = 'swarmway/share'
/** Leaves room for what people add to a name, where 255 bytes is the end. */
const MAX_BYTES = 100
/** What is not a letter, a digit or harmless to a shell and to every file system. */
const UNUSUAL = /[^\p{L}\p{M}\p{N}\p{Extended_Pictographic} ._+,@()=-]+/gu
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu
/** A dot hides, a dash is read as an option, and Windows drops dots and spaces at the end. */
const ENDS = /^[ .-]+|[ .-]+$/g

/** Tells those who get the share what the folder is called. */
export async function publishName(drive: Hyperdrive, name: string): Promise<void> {
  if ((await readName(drive)) !== name) await drive.db.put(NAME_KEY, { name })
}

/** What the sharer calls the folder: anything at all, as a stranger may have written it. */
export async function readName(drive: Hyperdrive): Promise<unknown> {
  const value = (await drive.db.get(NAME_KEY))?.value
  return typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined
}

/**
 * The name of a folder to make here for a stranger's name of it: without separators, control characters, marks that
 * do not show, and dots in front, of a length and spelling that every system takes. Null if nothing is left.
 */
export function folderNameOf(name: unknown): string | null {
  if (typeof name !== 'string') return null
  const shown = name
    .slice(0, 1000)
    .normalize('NFC')
    .replace(INVISIBLE, '')
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
