/** Names that look alike count as alike: otherwise an invisible letter would let anybody pose as anna. */
import { describe, expect, test } from 'vitest'
import { turns } from '../../../runtime/test/support/until.js'
import { isMixed, skeletonOf } from '../../src/chat/look-alikes.js'
import { Room } from '../../src/chat/room.js'
import { cleanNick, encodeText, MESSAGE } from '../../src/chat/wire.js'
import { Channel } from '../../src/shared/channel/channel.js'
import { connectionPair } from '../support/connections.js'

const INVISIBLE: Record<string, string> = {
  'zero width space': 'anna\u200b',
  'zero width joiner': 'an\u200dna',
  'word joiner': 'an\u2060na',
  'byte order mark': '\ufeffanna',
  'soft hyphen': 'an\u00adna',
  'Hangul fillers': '\u3164an\u115f\u1160na\uffa0',
  'a tag': 'anna\u{e0020}',
  'variation selectors': 'anna\ufe0f\u{e0101}',
  'a Mongolian vowel separator': 'an\u180ena',
  'a combining grapheme joiner': 'an\u034fna',
  'an empty braille cell': 'anna\u2800',
  'marks of direction': '\u202eanna\u2066',
  'spaces around': ' \u00a0anna\u3000'
}

test.each(Object.entries(INVISIBLE))('a nick loses its invisible characters: %s', (_, nick) => {
  expect(cleanNick(nick)).toBe('anna')
})

test('a nick cannot contain the mark that tells look-alikes apart', () => {
  expect(['anna~1234', 'anna\uff5e1234', 'anna\u223c1234'].map(cleanNick)).toEqual(Array(3).fill('anna-1234'))
})

const ALIKE: [string, string][] = [
  ['anna', 'ANNA'],
  ['anna', '\uff21nna'],
  ['anna', '\u{1d41a}nna'],
  ['anna', '\u0430nn\u0430'],
  ['anna', '\u00e5nna'],
  ['anna', 'anna\u0300\u0301'],
  ['anna', '\u0251nna'],
  ['copa', '\u0441\u043e\u0440\u0430'],
  ['HAT', '\u0397\u0391\u03a4'],
  ['HAT', '\u041d\u0410\u0422'],
  ['noon', '\u0578\u0585\u0585\u0578'],
  ['bob', 'b0b'],
  ['bill', 'bi11'],
  ['Ian', 'lan'],
  ['mario', 'rnario'],
  ['willy', 'vvilly'],
  ['jo ann', 'jo\u2003ann'],
  ['strasse', 'stra\u00dfe'],
  ['o-ren', 'o\u2011ren'],
  ['D.', '\ua4d3.']
]

test.each(ALIKE)('%s and %s look alike', (one, other) => {
  expect(skeletonOf(other)).toBe(skeletonOf(one))
})

test.each([
  ['anna', 'hanna'],
  ['anna', 'anne'],
  ['ben', 'den'],
  ['anna', '\u5b89\u5a1c'],
  ['guest-1234', 'guest-1235']
])('%s and %s do not', (one, other) => {
  expect(skeletonOf(other)).not.toBe(skeletonOf(one))
})

test('mixing scripts that no language mixes is a disguise; scripts that are mixed, and signs, are fine', () => {
  expect(['\u0430nna', 'ann\u03b1', '\u13aann', 'anna\u05e1'].map(isMixed)).toEqual(Array(4).fill(true))
  const fine = [
    'anna',
    '\u0430\u043d\u043d\u0430',
    'anna \u5b89\u5a1c',
    '\u30a2\u30f3\u30ca anna',
    'anna \u{1f600} 7',
    '\u05d0\u05e0\u05d4'
  ]
  expect(fine.map(isMixed)).toEqual(fine.map(() => false))
})

describe('in a room', () => {
  function key(start: string): Uint8Array {
    return Buffer.from(start.padEnd(64, '0'), 'hex')
  }

  /** What anna sees of peers that join one after the other with these nicks and keys. */
  async function seen(...members: [nick: string, key: string][]): Promise<{ log: string[]; names: string[] }> {
    const log: string[] = []
    const room = new Room('anna', { onJoined: (name) => log.push(name), onLeft() {}, onRenamed() {}, onSaid() {} })
    for (const [nick, start] of members) {
      const [near, far] = connectionPair(key('01'), key(start))
      room.add(near)
      new Channel(far, { onMessage() {}, onClose() {} }).send(MESSAGE.hello, encodeText(nick))
      await turns()
    }
    return { log, names: room.names }
  }

  test('a member that looks like us or like another is shown with the beginning of its key', async () => {
    const { log, names } = await seen(['anna\u200b', 'aaaa'], ['ben', 'bbbb'], ['b\u0435n', 'cccc'], ['BEN', 'dddd'])
    expect(log).toEqual(['anna~aaaa', 'ben', 'b\u0435n~cccc', 'BEN~dddd'])
    expect(names).toEqual(['anna~aaaa', 'ben~bbbb', 'b\u0435n~cccc', 'BEN~dddd'])
  })

  test('a disguise is shown with its key even if it resembles nobody here', async () => {
    expect((await seen(['p\u0430vel', 'aaaa'])).log).toEqual(['p\u0430vel~aaaa'])
  })

  // Four letters of a key are quickly matched.
  test('keys that begin alike are shown up to where they differ', async () => {
    const { names } = await seen(['ben', 'aaaabb1'], ['ben', 'aaaabb2'], ['ben', 'cccc'])
    expect(names).toEqual(['ben~aaaabb1', 'ben~aaaabb2', 'ben~cccc'])
  })
})
