import { printable } from '@swarmway/proxy-protocol'

/** A line of a stranger's as a terminal can be given it; see `printable`. */
export function cleanText(text: string): string {
  return printable(text).trim()
}

/** Several lines; what a stranger wrote into them is best cleaned before, as it could have lines of its own. */
export function cleanLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** Whether a text has characters that {@link cleanText} takes out: it is not what it looks like. */
export function hasHiddenMeaning(text: string): boolean {
  return printable(text) !== text
}
