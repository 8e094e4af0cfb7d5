import pc from 'picocolors'

/** The functions that colour a text, or leave it as it is. */
export type Colors = ReturnType<typeof pc.createColors>

/** The part of a stream that decides about colours. */
export interface MaybeTerminal {
  readonly isTTY?: boolean | undefined
}

/**
 * Whether to colour what goes to `stream`: on a terminal only, unless NO_COLOR (anything but empty) or FORCE_COLOR
 * (0 or false: never, anything else: always) says otherwise. NO_COLOR wins.
 */
function hasColors(stream: MaybeTerminal, env: NodeJS.ProcessEnv = process.env): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: term } = env
  if (no || force === '0' || force === 'false') return false
  if (force !== undefined) return true
  return stream.isTTY === true && term !== 'dumb'
}

/** Colours for what goes to `stream`. Ask for each stream: one may be a file and the other a terminal. */
export function colorsFor(stream: MaybeTerminal, env?: NodeJS.ProcessEnv): Colors {
  return pc.createColors(hasColors(stream, env))
}
