/**
 * What the two sides tell each other to open a direct path, inside sealed control messages:
 *
 *     type      1 byte: 0 offer, 1 answer, 2 candidate, 3 refusal, 4 reachable: the sender can be dialled again
 *     attempt   4 bytes LE: the number of the path to be; 0 with `reachable`
 *     index     1 byte: the candidate's media section; 0 in the others
 *     text      the rest, UTF-8
 */
import b4a from 'b4a'
import { MAX_CANDIDATE_BYTES, MAX_DESCRIPTION_BYTES } from './limits.js'

const TYPES = ['offer', 'answer', 'candidate', 'refusal', 'reachable'] as const
const HEADER_BYTES = 6

/** One message of the signalling. */
export interface Signal {
  readonly type: (typeof TYPES)[number]
  /** The number of the attempt, and of its path. */
  readonly attempt: number
  /** A description, or a candidate. */
  readonly text: string
  readonly index: number
}

/** The bytes of a signal. */
export function encodeSignal({ type, attempt, text, index }: Signal): Uint8Array {
  const textBytes = b4a.from(text)
  const bytes = b4a.alloc(HEADER_BYTES + textBytes.byteLength)
  bytes[0] = TYPES.indexOf(type)
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(1, attempt, true)
  bytes[5] = index
  bytes.set(textBytes, HEADER_BYTES)
  return bytes
}

/** Null if it is too long, or is none. */
export function decodeSignal(bytes: Uint8Array): Signal | null {
  const type = TYPES[bytes[0] ?? TYPES.length]
  const textBytes = bytes.subarray(HEADER_BYTES)
  if (type === undefined || bytes.byteLength < HEADER_BYTES || textBytes.byteLength > longest(type)) return null
  const attempt = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1, true)
  return { type, attempt, index: bytes[5] ?? 0, text: b4a.toString(textBytes) }
}

function longest(type: Signal['type']): number {
  return type === 'candidate' ? MAX_CANDIDATE_BYTES : MAX_DESCRIPTION_BYTES
}
