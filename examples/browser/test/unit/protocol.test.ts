import { expect, test } from 'vitest'
import {
  MAX_FILE_BYTES,
  MAX_NICKNAME_LENGTH,
  MAX_TEXT_LENGTH,
  type Message,
  parseMessage
} from '../../room/protocol.ts'

const saying = { id: '1', text: 'hello', timeMs: 5 }
const file = { key: 'ab'.repeat(32), name: 'a.txt', mediaType: '', sizeBytes: 10, blocks: 1, timeMs: 5 }

test.each<Message>([
  { type: 'hello', nickname: 'Ada', reach: 'proxy' },
  { type: 'hello', nickname: 'Ada', reach: 'proxy', hue: 359 },
  { type: 'hello', nickname: 'x'.repeat(MAX_NICKNAME_LENGTH), reach: 'udp' },
  { type: 'say', saying: { ...saying, text: 'x'.repeat(MAX_TEXT_LENGTH) } },
  { type: 'hold', file },
  { type: 'hold', file: { ...file, sizeBytes: 0, blocks: 0 } },
  { type: 'hold', file: { ...file, sizeBytes: MAX_FILE_BYTES } }
])('%j is a message, and unknown fields are dropped', (message) => {
  expect(parseMessage({ ...message, more: 'than it should' })).toEqual(message)
})

test.each([
  null,
  { type: 'hello', nickname: 'Ada', reach: 'proxy', hue: 360 },
  { type: 'hello', nickname: 'Ada', reach: 'proxy', hue: 'red; background: url(//evil)' },
  7,
  'hello',
  [],
  {},
  { type: 'unknown' },
  { type: 'hello', nickname: '', reach: 'udp' },
  { type: 'hello', nickname: 'x'.repeat(MAX_NICKNAME_LENGTH + 1), reach: 'udp' },
  { type: 'hello', nickname: 'Ada', reach: 'pigeon' },
  { type: 'say' },
  { type: 'say', saying: { ...saying, text: '' } },
  { type: 'say', saying: { ...saying, text: 'x'.repeat(MAX_TEXT_LENGTH + 1) } },
  { type: 'say', saying: { ...saying, id: 'x'.repeat(65) } },
  { type: 'say', saying: { ...saying, timeMs: Number.NaN } },
  { type: 'hold', file: null },
  { type: 'hold', file: { ...file, key: 'AB'.repeat(32) } },
  { type: 'hold', file: { ...file, key: '../etc' } },
  { type: 'hold', file: { ...file, name: 'x'.repeat(201) } },
  { type: 'hold', file: { ...file, mediaType: 'x'.repeat(101) } },
  { type: 'hold', file: { ...file, sizeBytes: MAX_FILE_BYTES + 1 } },
  { type: 'hold', file: { ...file, blocks: 11 } },
  { type: 'hold', file: { ...file, blocks: 0 } },
  { type: 'hold', file: { ...file, sizeBytes: 1.5 } },
  { type: 'hold', file: { ...file, timeMs: -1 } }
])('%j is not a message', (value) => {
  expect(parseMessage(value)).toBe(null)
})
