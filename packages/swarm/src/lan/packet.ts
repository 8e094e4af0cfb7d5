/**
 * The content of the packets. Integers are big-endian.
 *
 *     probe    version 1 | kind 1 to 3 | period 4 | salt 16 | token 16, 1 to 64 times
 *     answer   version 1 | kind 4      | period 4 | salt 16 | answer salt 16 | (index 1 | sealed 50), 1 to 20 times
 *
 * Kind is a set of bits: 1 asks which peers are on the tokens' topics, 2 says that the sender is. An answer repeats the
 * probe's period and salt; `index` counts its tokens from 0, and `sealed` can be opened by anyone who knows that topic.
 */
import b4a from 'b4a'
import { MAX_BODY_BYTES, unwrap, wrap } from './dns.js'

export const SALT_BYTES = 16
export const TOKEN_BYTES = 16
export const SEALED_BYTES = 50
/** Most tokens in a probe. */
export const MAX_TOKENS = 64
/** Most records in an answer. */
export const MAX_RECORDS = 20

const VERSION = 1
const ASKS = 1
const ANNOUNCES = 2
const ANSWERS = 4
const HEAD_BYTES = 6 + SALT_BYTES
const RECORD_BYTES = 1 + SEALED_BYTES

/** Asks for peers of topics, says that the sender is on them, or both. */
export interface Probe {
  kind: 'probe'
  asks: boolean
  announces: boolean
  period: number
  salt: Uint8Array
  tokens: Uint8Array[]
}

/** Answers a probe. */
export interface Answer {
  kind: 'answer'
  period: number
  salt: Uint8Array
  answerSalt: Uint8Array
  records: AnswerRecord[]
}

/** The address of the answering peer, sealed for one topic. */
export interface AnswerRecord {
  index: number
  sealed: Uint8Array
}

/** The packet, envelope included. */
export function encodePacket(packet: Probe | Answer): Uint8Array {
  const isQuestion = packet.kind === 'probe' && packet.asks
  return wrap(packet.kind === 'probe' ? encodeProbe(packet) : encodeAnswer(packet), isQuestion)
}

/** Null for anything but a well-formed packet of ours. The result points into `bytes`. */
export function decodePacket(bytes: Uint8Array): Probe | Answer | null {
  const body = unwrap(bytes)
  if (body === null || body.byteLength < HEAD_BYTES || body.byteLength > MAX_BODY_BYTES) return null
  if (body[0] !== VERSION) return null
  const kind = body[1] ?? 0
  if (kind === ANSWERS) return decodeAnswer(body)
  return kind > 0 && kind <= (ASKS | ANNOUNCES) ? decodeProbe(body, kind) : null
}

function encodeProbe({ asks, announces, period, salt, tokens }: Probe): Uint8Array {
  const kind = (asks ? ASKS : 0) | (announces ? ANNOUNCES : 0)
  return b4a.concat([encodeHead(kind, period, salt), ...tokens])
}

function encodeAnswer({ period, salt, answerSalt, records }: Answer): Uint8Array {
  const parts = records.flatMap(({ index, sealed }) => [Uint8Array.of(index), sealed])
  return b4a.concat([encodeHead(ANSWERS, period, salt), answerSalt, ...parts])
}

function encodeHead(kind: number, period: number, salt: Uint8Array): Uint8Array {
  const head = b4a.alloc(HEAD_BYTES)
  head[0] = VERSION
  head[1] = kind
  new DataView(head.buffer, head.byteOffset).setUint32(2, period)
  head.set(salt, 6)
  return head
}

function decodeProbe(body: Uint8Array, kind: number): Probe | null {
  const tokens = slices(body, HEAD_BYTES, TOKEN_BYTES, MAX_TOKENS)
  if (tokens === null) return null
  return { kind: 'probe', asks: (kind & ASKS) !== 0, announces: (kind & ANNOUNCES) !== 0, ...decodeHead(body), tokens }
}

function decodeAnswer(body: Uint8Array): Answer | null {
  const start = HEAD_BYTES + SALT_BYTES
  const records = slices(body, start, RECORD_BYTES, MAX_RECORDS)
  if (records === null) return null
  return {
    kind: 'answer',
    ...decodeHead(body),
    answerSalt: body.subarray(HEAD_BYTES, start),
    records: records.map((record) => ({ index: record[0] ?? 0, sealed: record.subarray(1) }))
  }
}

function decodeHead(body: Uint8Array): { period: number; salt: Uint8Array } {
  const period = new DataView(body.buffer, body.byteOffset).getUint32(2)
  return { period, salt: body.subarray(6, HEAD_BYTES) }
}

/** What follows `start`, in pieces of `size`; null unless it is between one and `most` whole pieces. */
function slices(body: Uint8Array, start: number, size: number, most: number): Uint8Array[] | null {
  const count = (body.byteLength - start) / size
  if (!Number.isInteger(count) || count < 1 || count > most) return null
  return Array.from({ length: count }, (_, index) => body.subarray(start + index * size, start + (index + 1) * size))
}
