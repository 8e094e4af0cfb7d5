import type { MaybeTerminal } from './colors.js'

/** Whether the output is a terminal that moves its cursor and erases: one within an editor may call itself dumb. */
export function canRedraw({ isTTY }: MaybeTerminal, { TERM: term }: NodeJS.ProcessEnv = process.env): boolean {
  return isTTY === true && term !== 'dumb'
}

/** Whether the output is a terminal that shows more than ASCII. Where no language is set, such as in containers, it does. */
export function showsUnicode({ isTTY }: MaybeTerminal, env: NodeJS.ProcessEnv = process.env): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return isTTY === true && locale !== 'C' && locale !== 'POSIX'
}
