import { printable } from '@swarmway/proxy-protocol'

/** A line of a stranger's as a terminal can be given it; see `printable`. */
export function cleanText(text: string): string {
  return printable(text).trim()
}

/** Several lines; what a stranger wrote into them is best cleaned before, as it could have lines of its own. */
export function cleanLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}
