import { expect, test } from 'vitest'
import { parseCode } from '../../../src/send/code-words.js'
import { refusalOf } from '../../../src/shared/files/safe-path.js'
import { keyEncoding, parseKey } from '../../../src/shared/names/keys.js'
import { scryptInput } from '../../../src/shared/names/meeting.js'
import { hasInvisible, seenText, withoutInvisible } from '../../../src/shared/terminal/invisible.js'

/** Zero-width space, joiners, word joiner, byte order mark, soft hyphen, Hangul filler, braille blank, variation, tag. */
const INVISIBLE = [...'\u200b\u200c\u200d\u2060\ufeff\u00ad\u3164\u2800\ufe0f\u{e0041}']

// Two files could look the same, and differ: only control characters and changes of direction were found.
test.each(INVISIBLE)('a name with the invisible character %j is not written', (letter) => {
  expect(refusalOf(`/invoice${letter}.pdf`, 'linux')).toBe('its name has characters that do not show')
  expect(withoutInvisible(`in${letter}voice`)).toBe('invoice')
})

test('characters that do not show themselves, but change what is seen, are left in names', () => {
  const names = [
    '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645',
    'क्\u200dष',
    '👨\u200d👩\u200d👧',
    '❤\ufe0f',
    '🏳\ufe0f\u200d🌈',
    '1\ufe0f\u20e3',
    '👍🏽',
    '🇦🇶'
  ]
  for (const name of names) expect([name, hasInvisible(name)]).toEqual([name, false])
  const strays = ['a\u200db', '\u200d👧', '❤\ufe0f\ufe0f', '1\ufe0f', 'می\u200c', '👨\u200d']
  for (const name of strays) expect([name, hasInvisible(name)]).toEqual([name, true])
})

// A name, a code or a key that was copied from a page or a messenger can have them; the others never met.
test('names, codes and keys count as they look', () => {
  expect(scryptInput('our\u200b name\ufeff', 'serve')).toEqual(scryptInput('our name', 'serve'))
  expect(seenText(' \u200b our\u200b name\ufeff ')).toBe('our name')
  expect(parseCode('aban\u00addon-\u200bability-able-about-above\u2060')).toBe('abandon-ability-able-about-above')
  const key = keyEncoding.encode(new Uint8Array(32).fill(7))
  expect(parseKey(`\u200b${key.slice(0, 20)}\u2060${key.slice(20)}`)).toEqual(new Uint8Array(32).fill(7))
})
