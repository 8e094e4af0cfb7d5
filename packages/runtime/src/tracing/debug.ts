import type { TraceRecord } from './events.js'

/**
 * Whether a value of `DEBUG` names an area, by the convention of npm's `debug`: names separated by commas or spaces, `*`
 * for any characters, and `-` before a name that is left out.
 */
export function isNamed(name: string, debug: string): boolean {
  const words = debug.split(/[\s,]+/).filter((word) => word !== '')
  const matches = (word: string) => toPattern(word).test(name)
  const isExcluded = words.some((word) => word.startsWith('-') && matches(word.slice(1)))
  return !isExcluded && words.some(matches)
}

function toPattern(word: string): RegExp {
  const parts = word.split(/\*+/).map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}

/** A record as a line, such as `+1.234s swarmway:dial failed peer=0a1b2c3d code=PEER_NOT_FOUND`. */
export function formatTrace({ area, event, fields, timeMs }: TraceRecord): string {
  const pairs = Object.entries(fields).map(([name, value]) => ` ${name}=${quoted(value)}`)
  return `+${(timeMs / 1000).toFixed(3)}s swarmway:${area} ${event}${pairs.join('')}`
}

/** Text with spaces in quotes, so that nobody can make up fields. */
function quoted(value: unknown): string {
  if (typeof value === 'number') return String(Math.round(value))
  const text = String(value)
  return /[\s"=]|^$/.test(text) ? JSON.stringify(text) : text
}
