import { join } from 'node:path'
import { cleanText } from '../terminal/clean-text.js'
import type { LeftOut, LeftOutReason } from './folder-walk.js'
import { RULES_FILE } from './ignore-rules.js'

/** How many left-out names are shown. */
const MAX_NAMES = 10

const MEANINGS: Readonly<Record<LeftOutReason, string>> = {
  rule: 'ignored',
  link: 'links',
  own: "swarmway's own",
  kind: 'neither files nor folders',
  name: 'with a backslash in the name, which other systems read as a folder',
  invisible: 'with characters in the name that do not show, such as line breaks',
  encoding: 'with a name that is not UTF-8',
  empty: 'empty folders'
}

/** Tells the user what is not shared, how much of it, and how to share it anyway. */
export function leftOutLines(leftOut: readonly LeftOut[], folder: string): string[] {
  const lines: string[] = []
  for (const [reason, meaning] of Object.entries(MEANINGS)) {
    const ways = leftOut.filter((one) => one.reason === reason).map(({ way }) => way)
    if (ways.length > 0) lines.push(`Left out, ${meaning} (${ways.length}): ${namesText(ways)}.`)
  }
  if (leftOut.some(({ reason }) => reason === 'rule')) {
    lines.push(`To share what is ignored: --no-ignore, or a line such as "!.env" in ${join(folder, RULES_FILE)}.`)
  }
  return lines
}

/** The first names, and the number of the others. */
export function namesText(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map(cleanText).join(', ')
  return names.length > MAX_NAMES ? `${shown} and ${names.length - MAX_NAMES} more` : shown
}

/** A file's name as it is shown. */
export function shownKey(key: string): string {
  return cleanText(key.replace(/^\//, ''))
}

/** "1 file", "2 files". */
export function filesText(count: number): string {
  return count === 1 ? '1 file' : `${count} files`
}
