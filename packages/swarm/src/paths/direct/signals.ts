/**
 * What the two sides tell each other to open a direct path, inside sealed control messages:
 *
 *     type      1 byte, by the order below
 *     attempt   4 bytes LE: the number of the path to be; 0 with `reachable`
 *     index     1 byte: the candidate's media section; 0 in the others
 *     text      the rest, UTF-8
 *
 * The side with the greater key asks, with the id of its host. Of the two hosts, the one with the greater id leads; without
 * ids, or with equal ones, the one that is asked. If the other one leads, the answer is `ready`. The leader offers a peer
 * connection, or asks to join one that the hosts have. The side that joins opens the channel.
 */
import b4a from 'b4a'
import { viewOf } from '../../util/little-endian.js'
import { MAX_CANDIDATE_BYTES, MAX_DESCRIPTION_BYTES } from './limits.js'

const TYPES = [
  /** Asks for a path. Text: the id of the sender's host. */
  'ask',
  /** Answers `ask`: the sender of that shall lead. Text: the id of the sender's host. */
  'ready',
  /** Texts: descriptions of a new peer connection. */
  'offer',
  'answer',
  /** Text: an address for it. */
  'candidate',
  /** Text: what only the two ends of a peer connection can say in this connection; see `bindingOf` in seal.ts. */
  'join',
  /** Answers `ask`, `offer` or `join`: not now, or not this one. */
  'refusal',
  /** The sender can be dialled again. */
  'reachable'
] as const
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
  viewOf(bytes).setUint32(1, attempt, true)
  bytes[5] = index
  bytes.set(textBytes, HEADER_BYTES)
  return bytes
}

/** Null if it is too long, or is none. */
export function decodeSignal(bytes: Uint8Array): Signal | null {
  const type = TYPES[bytes[0] ?? TYPES.length]
  const textBytes = bytes.subarray(HEADER_BYTES)
  if (type === undefined || bytes.byteLength < HEADER_BYTES || textBytes.byteLength > longest(type)) return null
  const attempt = viewOf(bytes).getUint32(1, true)
  return { type, attempt, index: bytes[5] ?? 0, text: b4a.toString(textBytes) }
}

function longest(type: Signal['type']): number {
  return type === 'offer' || type === 'answer' ? MAX_DESCRIPTION_BYTES : MAX_CANDIDATE_BYTES
}
