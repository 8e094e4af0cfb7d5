import { printable } from '@swarmway/runtime'
import { hasInvisible } from './invisible.js'

/** A stranger's line, made safe for a terminal; see `printable`. */
export function cleanText(text: string): string {
  return printable(text).trim()
}

/** Several lines. Clean text from strangers before inserting it, as it could contain line breaks. */
export function cleanLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** Whether a text has control characters, or others that do not show: it is not what it looks like. */
export function hasHiddenMeaning(text: string): boolean {
  return printable(text) !== text || hasInvisible(text)
}
