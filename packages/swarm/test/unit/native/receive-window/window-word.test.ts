/** Where udx-native keeps the receive window: found by its content, and believed only once it was tried out. */
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import {
  candidateWord,
  DEFAULT_WINDOW_BYTES,
  findWindowWord,
  type Udx
} from '../../../../src/native/receive-window/window-word.js'
import { fakeUdx, WINDOW_WORD } from '../../../support/fake-udx.js'

const fromHyperdht = createRequire(createRequire(import.meta.url).resolve('hyperdht'))
const UDX = fromHyperdht('udx-native') as new () => Udx
const { version } = fromHyperdht('udx-native/package') as { version: string }

test('the receive window is found in the udx-native that is installed', async () => {
  const advice =
    `udx-native ${version} keeps the receive window of a stream in another place than expected. Peers are therefore ` +
    'not slowed down any more: what they send ahead of the reader grows up to the caps, and then connections are lost. ' +
    'Compare send_rwnd and recv_rwnd_max of udx_stream_t in its libudx with candidateWord() in window-word.ts and adapt ' +
    'that, or hold udx-native back at the last version with which this test passes.'
  const word = await findWindowWord(new UDX())
  expect(word, advice).toEqual(expect.any(Number))
  expect(new UDX().createStream(9)._view[word ?? 0], advice).toBe(DEFAULT_WINDOW_BYTES)
})

test('it is looked for once for each copy of udx-native', async () => {
  const udx = fakeUdx()
  const [first, second] = await Promise.all([findWindowWord(udx), findWindowWord(udx)])
  expect([first, second, await findWindowWord(udx)]).toEqual([WINDOW_WORD, WINDOW_WORD, WINDOW_WORD])
  expect([udx.sockets, udx.openSockets, udx.streams.size]).toEqual([2, 0, 0])
  expect(await findWindowWord(fakeUdx({ windowWords: [] }))).toBeNull()
})

test('no window without a pair of words, with a single one, or with more than one pair', async () => {
  for (const windowWords of [[], [6], [5, 6, 7], [2, 3, 8, 9]]) {
    const udx = fakeUdx({ windowWords })
    expect(await findWindowWord(udx), `words ${windowWords}`).toBeNull()
    expect([udx.sockets, udx.streams.size], 'nothing is tried out, nothing stays open').toEqual([0, 0])
  }
})

test('no window if the other end does not see what is written there', async () => {
  const udx = fakeUdx({ isDeaf: true })
  expect(await findWindowWord(udx)).toBeNull()
  expect([udx.openSockets, udx.streams.size]).toEqual([0, 0])
})

test('no window if it cannot be tried out because there are no sockets left, and the streams are closed again', async () => {
  const udx = fakeUdx({ isExhausted: true })
  expect(await findWindowWord(udx)).toBeNull()
  expect(udx.streams.size).toBe(0)
})

test('the pair may be at the start', () => {
  expect(candidateWord(Uint32Array.of(DEFAULT_WINDOW_BYTES, DEFAULT_WINDOW_BYTES, 0))).toBe(1)
  expect(candidateWord(Uint32Array.of(DEFAULT_WINDOW_BYTES, 0, DEFAULT_WINDOW_BYTES))).toBeNull()
})
