import pc from 'picocolors'

/** Functions that colour a text or leave it unchanged. */
export type Colors = ReturnType<typeof pc.createColors>

/** The part of a stream that determines whether colours are used. */
export interface MaybeTerminal {
  readonly isTTY?: boolean | undefined
}

/**
 * Whether to colour output to `stream`: on a terminal only, unless NO_COLOR (anything but empty) or FORCE_COLOR
 * (0 or false: never, anything else: always) says otherwise. NO_COLOR wins.
 */
function hasColors(stream: MaybeTerminal, env: NodeJS.ProcessEnv = process.env): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: term } = env
  if (no || force === '0' || force === 'false') return false
  if (force !== undefined) return true
  return stream.isTTY === true && term !== 'dumb'
}

/** Colours for output to `stream`. Ask for each stream: one may be a file and the other a terminal. */
export function colorsFor(stream: MaybeTerminal, env?: NodeJS.ProcessEnv): Colors {
  return pc.createColors(hasColors(stream, env))
}
