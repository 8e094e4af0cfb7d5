import { expect, test } from 'vitest'
import { turns, until } from '../../../runtime/test/support/until.js'
import { Room } from '../../src/chat/room.js'
import { cleanNick, encodeText, MAX_NICK_LETTERS, MAX_TEXT_BYTES, MESSAGE } from '../../src/chat/wire.js'
import { Channel } from '../../src/shared/channel/channel.js'
import { encodeCredit } from '../../src/shared/channel/credit.js'
import { connectionPair } from '../support/connections.js'

/** Longer than a test. */
const NEVER_MS = 600_000

const NOBODY = { onMessage: () => {}, onClose: () => {} }

function room(nick: string): { room: Room; log: string[] } {
  const log: string[] = []
  const made = new Room(nick, {
    onJoined: (name) => log.push(`+ ${name}`),
    onLeft: (name, isUnheard) => log.push(isUnheard ? `- ${name}, unheard` : `- ${name}`),
    onRenamed: (from, to) => log.push(`${from} > ${to}`),
    onSaid: (name, text) => log.push(`${name}: ${text}`)
  })
  return { room: made, log }
}

function key(id: number): Uint8Array {
  return new Uint8Array(32).fill(id)
}

/** A member made by hand in one of our rooms. */
function stranger(into: Room, id = 0xab): Channel {
  const [near, far] = connectionPair(key(1), key(id))
  into.add(near)
  return new Channel(far, NOBODY)
}

test('members see each other, their messages, and who leaves', async () => {
  const [anna, ben] = [room('anna'), room('ben')]
  const [near, far] = connectionPair(key(1), key(2))
  anna.room.add(near)
  ben.room.add(far)
  await anna.room.somebody()
  expect(await anna.room.say('hello')).toBe(1)
  await anna.room.heard(NEVER_MS)
  far.destroy()
  await turns()
  expect(ben.log).toEqual(['+ anna', 'anna: hello', '- anna'])
  expect(anna.log).toEqual(['+ ben', '- ben'])
  expect(anna.room.names).toEqual([])
})

test('a member that has not said hello is not there yet, and one without a nick gets one', async () => {
  const anna = room('anna')
  const other = stranger(anna.room)
  other.send(MESSAGE.say, encodeText('too early'))
  await turns()
  expect(anna.log).toEqual([])
  other.send(MESSAGE.hello, encodeText('\u001b\n'))
  await turns()
  expect(anna.log).toEqual(['+ guest-abab'])
})

test('two members with the same nick are told apart by their keys, however it is written', async () => {
  const anna = room('anna')
  stranger(anna.room).send(MESSAGE.hello, encodeText('ＡNNA'))
  await turns()
  expect(anna.log).toEqual(['+ ＡNNA~abab'])
})

test('a nick can change', async () => {
  const [anna, ben] = [room('anna'), room('ben')]
  const [near, far] = connectionPair(key(1), key(2))
  anna.room.add(near)
  ben.room.add(far)
  await ben.room.somebody()
  ben.room.nick = 'benjamin'
  await until('the change to be told', () => anna.log.length === 2)
  expect(anna.log).toEqual(['+ ben', 'ben > benjamin'])
})

test('characters that could harm a terminal are removed, and a line stays one line', async () => {
  const anna = room('anna')
  const other = stranger(anna.room)
  other.send(MESSAGE.hello, encodeText('e\u001b[31mve'))
  other.send(MESSAGE.say, encodeText('one\r\ntwo\u001b[2J\u202ethree\u0007'))
  await turns()
  expect(anna.log).toEqual(['+ e [31mve', 'e [31mve: one two [2J three'])
})

test('a message over the limit ends the connection', async () => {
  const anna = room('anna')
  const other = stranger(anna.room)
  other.send(MESSAGE.hello, encodeText('eve'))
  other.send(MESSAGE.say, new Uint8Array(MAX_TEXT_BYTES + 1).fill(65))
  await until('the connection to be closed', () => other.isClosed)
  expect(anna.log).toEqual(['+ eve', '- eve'])
})

test('a line that is too long for a message arrives as several, each with whole letters', async () => {
  // The end of such a line was lost without a word.
  const [anna, ben] = [room('anna'), room('ben')]
  const [near, far] = connectionPair(key(1), key(2))
  anna.room.add(near)
  ben.room.add(far)
  await anna.room.somebody()
  const line = `a${'ä'.repeat(MAX_TEXT_BYTES)}`
  await anna.room.say(line)
  await until('all of the line', () => ben.log.length === 4)
  expect(
    ben.log
      .slice(1)
      .map((text) => text.replace('anna: ', ''))
      .join('')
  ).toBe(line)
})

test('a nick has a bounded number of letters', () => {
  expect([...cleanNick('😀'.repeat(100))]).toHaveLength(MAX_NICK_LETTERS)
})

// A transport that ends at a proxy server has every line, while the member behind it is dead.
test('a member that leaves or stays silent before a line has arrived is named', async () => {
  const anna = room('anna')
  const [eve, mute] = [stranger(anna.room, 2), stranger(anna.room, 3)]
  eve.send(MESSAGE.hello, encodeText('eve'))
  mute.send(MESSAGE.hello, encodeText('mute'))
  await turns()
  await anna.room.say('hello')
  expect(anna.room.missed).toEqual(['eve', 'mute'])
  eve.destroy()
  await turns()
  expect(anna.log.slice(2)).toEqual(['- eve, unheard'])
  await anna.room.heard(0)
  expect(anna.room.missed).toEqual(['eve', 'mute'])
  mute.send(MESSAGE.heard, encodeCredit(1))
  await anna.room.heard(NEVER_MS)
  expect(anna.room.missed).toEqual(['eve'])
})

test('of those who leave before a line has arrived, 100 are remembered', async () => {
  const anna = room('anna')
  const strangers = Array.from({ length: 101 }, (_, i) => stranger(anna.room, i + 2))
  for (const [i, one] of strangers.entries()) one.send(MESSAGE.hello, encodeText(`eve ${i}`))
  await turns()
  await anna.room.say('hello')
  for (const one of strangers) one.destroy()
  await turns()
  expect(anna.room.missed.length).toBe(100)
})

test('a member that has heard more than was said is cut off', async () => {
  const anna = room('anna')
  const eve = stranger(anna.room)
  eve.send(MESSAGE.hello, encodeText('eve'))
  eve.send(MESSAGE.heard, encodeCredit(1))
  await until('the connection to be closed', () => eve.isClosed)
})
