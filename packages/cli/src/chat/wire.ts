import b4a from 'b4a'
import { cleanText } from '../shared/clean-text.js'
import { withoutInvisible } from './look-alikes.js'

/**
 * What those in a room say to each other. Each message is a type and UTF-8 text.
 *
 * | type | name  | text                                                     |
 * | ---- | ----- | -------------------------------------------------------- |
 * | 1    | hello | the sender's nick; the first message, and again when it changes |
 * | 2    | say   | a line                                                   |
 */
export const MESSAGE = { hello: 1, say: 2 } as const

/** The most bytes of a message's text that are read. Whoever sends more is not listened to any longer. */
export const MAX_TEXT_BYTES = 16 * 1024

/** The most letters of a nick. */
export const MAX_NICK_LETTERS = 32

/** The mark before the beginning of a key, see `Room`, and those that look like it: nobody gives it to himself. */
const KEY_MARKS = /[~\u02dc\u223c\u301c\u3030\uff5e]/g

/** A nick as it is shown. */
export function cleanNick(text: string): string {
  const seen = withoutInvisible(cleanText(text).normalize('NFC'))
    .replace(KEY_MARKS, '-')
    .replace(/\p{Z}+/gu, ' ')
  return [...seen.trim()].slice(0, MAX_NICK_LETTERS).join('').trim()
}

/** The text as it is sent: whole letters, at most so many bytes. */
export function encodeText(text: string): Uint8Array {
  const bytes = b4a.from(text)
  if (bytes.byteLength <= MAX_TEXT_BYTES) return bytes
  return b4a.from(b4a.toString(bytes.subarray(0, MAX_TEXT_BYTES - 3)).replace(/\ufffd+$/, ''))
}

/** The text of a message, cleaned; null if it is longer than anyone may send. */
export function decodeText(payload: Uint8Array): string | null {
  return payload.byteLength > MAX_TEXT_BYTES ? null : cleanText(b4a.toString(payload))
}
