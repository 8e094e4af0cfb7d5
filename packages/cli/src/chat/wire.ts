import b4a from 'b4a'
import { cleanText } from '../shared/terminal/clean-text.js'
import { withoutFormats } from './look-alikes.js'

/**
 * The messages between members of a room.
 *
 * | type | name  | payload                                                                      |
 * | ---- | ----- | ---------------------------------------------------------------------------- |
 * | 1    | hello | UTF-8: the sender's nick; the first message, and again when it changes       |
 * | 2    | say   | UTF-8: a line                                                                |
 * | 3    | heard | uint32, little endian: this many more `say` messages of yours have been shown |
 */
export const MESSAGE = { hello: 1, say: 2, heard: 3 } as const

/** Longest accepted text of a message, in bytes. A member that sends more is ignored from then on. */
export const MAX_TEXT_BYTES = 16 * 1024

/** Longest nick, in letters. */
export const MAX_NICK_LETTERS = 32

/** The mark before the beginning of a key (see `Room`) and characters that look like it; nicks cannot contain them. */
const KEY_MARKS = /[~\u02dc\u223c\u301c\u3030\uff5e]/g

/** A nick as it is displayed. */
export function cleanNick(text: string): string {
  const seen = withoutFormats(cleanText(text).normalize('NFC'))
    .replace(KEY_MARKS, '-')
    .replace(/\p{Z}+/gu, ' ')
  return [...seen.trim()].slice(0, MAX_NICK_LETTERS).join('').trim()
}

/** A nick as it is sent. */
export function encodeText(text: string): Uint8Array {
  return b4a.from(text)
}

/** A line as it is sent: several messages if it is too long for one. Each has whole letters. */
export function encodeLine(text: string): Uint8Array[] {
  const messages: Uint8Array[] = []
  let rest: Uint8Array = b4a.from(text)
  while (rest.byteLength > MAX_TEXT_BYTES) {
    let end = MAX_TEXT_BYTES
    while (isWithinLetter(rest[end])) end--
    messages.push(rest.subarray(0, end))
    rest = rest.subarray(end)
  }
  return [...messages, rest]
}

/** Whether a byte of UTF-8 continues a letter. */
function isWithinLetter(byte = 0): boolean {
  return (byte & 0xc0) === 0x80
}

/** The cleaned text of a message; null if it is too long. */
export function decodeText(payload: Uint8Array): string | null {
  return payload.byteLength > MAX_TEXT_BYTES ? null : cleanText(b4a.toString(payload))
}
