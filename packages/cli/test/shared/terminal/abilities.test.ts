import { expect, test } from 'vitest'
import { canRedraw, showsUnicode } from '../../../src/shared/terminal/abilities.js'

const TERMINAL = { isTTY: true }
const FILE = {}

// The chat moved a cursor that an editor's shell does not have, and its control characters filled the screen.
test('a terminal that is dumb, and a file, are written line by line', () => {
  expect([canRedraw(TERMINAL, { TERM: 'xterm' }), canRedraw(TERMINAL, {})]).toEqual([true, true])
  expect([canRedraw(TERMINAL, { TERM: 'dumb' }), canRedraw(FILE, { TERM: 'xterm' })]).toEqual([false, false])
})

// The picture of a code came out as garbage.
test.each<[NodeJS.ProcessEnv, boolean]>([
  [{}, true],
  [{ LANG: 'de_DE.UTF-8' }, true],
  [{ LANG: 'C.UTF-8' }, true],
  [{ LANG: 'C' }, false],
  [{ LANG: 'POSIX' }, false],
  [{ LANG: 'en_US.UTF-8', LC_CTYPE: 'C' }, false],
  [{ LANG: 'C', LC_ALL: 'en_US.UTF-8' }, true],
  [{ LANG: 'C', LC_ALL: '' }, false]
])('%j shows more than ASCII: %s', (env, shows) => {
  expect([showsUnicode(TERMINAL, env), showsUnicode(FILE, env)]).toEqual([shows, false])
})
