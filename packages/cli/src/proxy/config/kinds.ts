import { resolve } from 'node:path'

/**
 * A kind of setting. Its value may be text (a flag, the environment) or JSON (a file); both are read in
 * the same way.
 */
export interface Kind<T> {
  /** The placeholder in the help; in square brackets if the flag without a value means true. */
  readonly placeholder: string
  /** Several flags add up. */
  readonly repeatable?: boolean
  /** Throws `BadValue`, which says what the value must be. Relative paths are relative to `folder`. */
  read(given: unknown, folder: string): T
  /** Formats the value for people. */
  show(value: T): string
}

/** A value that cannot be read; the message continues a sentence that begins with the setting's name. */
export class BadValue extends Error {
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

const MAX_PORT = 65_535
const OFF: ReadonlySet<unknown> = new Set(['off', 'none', 'no', 'false', false, null])

/** A whole number in a range. */
export function integer(placeholder: string, min: number, max: number): Kind<number> {
  return {
    placeholder: `<${placeholder}>`,
    read: (given) => {
      const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given
      if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
      throw new BadValue(`must be a whole number from ${min} to ${max}, not ${quote(given)}`)
    },
    show: String
  }
}

/** A TCP or UDP port; 0 is any. */
export const port = integer('port', 0, MAX_PORT)

/** A port, or off (null). */
export const portOrOff: Kind<number | null> = {
  placeholder: '<port|off>',
  read: (given, folder) => (OFF.has(given) ? null : port.read(given, folder)),
  show: (value) => (value === null ? 'off' : String(value))
}

/** A duration in milliseconds that a timer accepts. */
export const milliseconds = integer('ms', 0, 0x7fffffff)

/** Any text that is not empty. */
export function text(placeholder: string): Kind<string> {
  return { placeholder: `<${placeholder}>`, read: readText, show: String }
}

/** What `kind` reads; null, the default of such a setting, if nothing is given. */
export function optional<T>(kind: Kind<T>): Kind<T | null> {
  return {
    ...kind,
    read: (given, folder) => (given === null ? null : kind.read(given, folder)),
    show: (value) => (value === null ? '-' : kind.show(value))
  }
}

/** A file; becomes an absolute path. */
export const path: Kind<string> = {
  placeholder: '<file>',
  read: (given, folder) => resolve(folder, readText(given)),
  show: String
}

/** One of several words. */
export function choice<T extends string>(words: readonly T[]): Kind<T> {
  return {
    placeholder: `<${words.join('|')}>`,
    read: (given) => {
      const found = words.find((word) => word === given)
      if (found !== undefined) return found
      throw new BadValue(`must be one of ${words.join(', ')}, not ${quote(given)}`)
    },
    show: String
  }
}

/** Yes or no; the flag without a value means yes. */
export const toggle: Kind<boolean> = {
  placeholder: '',
  read: (given) => {
    if (given === true || given === 'true' || given === '1') return true
    if (given === false || given === 'false' || given === '0') return false
    throw new BadValue(`must be true or false, not ${quote(given)}`)
  },
  show: (value) => (value ? 'yes' : 'no')
}

/** A list, separated by commas or given as repeated flags. */
export function list<T>(placeholder: string, read: (item: string) => T, show: (item: T) => string): Kind<T[]> {
  return {
    placeholder: `<${placeholder}>`,
    repeatable: true,
    read: (given) => items(given).map(read),
    show: (values) => values.map(show).join(', ')
  }
}

/** The parts of a text with commas, or of an array of such texts. */
export function items(given: unknown): string[] {
  const texts = Array.isArray(given) ? given : [given]
  const parts = texts.flatMap((one) => readText(one).split(','))
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/** Quotes a value for messages. */
export function quote(given: unknown): string {
  return typeof given === 'string' ? `'${given}'` : JSON.stringify(given)
}

function readText(given: unknown): string {
  if (typeof given === 'string' && given.trim() !== '') return given.trim()
  throw new BadValue(`must be text, not ${given === '' ? 'nothing' : quote(given)}`)
}
