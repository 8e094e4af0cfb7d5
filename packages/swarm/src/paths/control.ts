/**
 * What the two ends of a connection with several paths tell each other besides its bytes. Each message travels sealed
 * (seal.ts), so that nobody on a path can read or change it.
 *
 *     type      1 byte
 *     numbers   8 bytes each, little-endian: as many as LAYOUT says
 *     bytes     the rest; only a `signal` has some
 */
import b4a from 'b4a'
import { readUint64, writeUint64 } from '../util/little-endian.js'
import { pathViolation } from './errors.js'

/** A message about the paths. Offsets count bytes of the connection, in the direction of who sends them. */
export type Control =
  /** The first one on a new path: proves that the path leads to the peer. */
  | { readonly type: 'hello' }
  /** The data that follow on this path begin at `offset`. `order` counts these messages on all paths. */
  | { readonly type: 'start'; readonly order: number; readonly offset: number }
  /** All data up to `received` are here; data up to `limit` may be sent. */
  | { readonly type: 'ack'; readonly received: number; readonly limit: number }
  /** No data follow after `total` bytes. */
  | { readonly type: 'end'; readonly total: number }
  /** For the code that opens further paths; see direct/signals.ts. */
  | { readonly type: 'signal'; readonly bytes: Uint8Array }
  /** Asks for a `pong`. */
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }
  /** The sender has given up the path of this number. */
  | { readonly type: 'lost'; readonly pathId: number }
  /** The sender has closed the connection, and drops what it has not read. */
  | { readonly type: 'close' }
  /** Something that a later version may add. Never sent. */
  | { readonly type: 'unknown' }

/** The longest control message, without its seal. A description of a session is below 2 kB; see direct/limits.ts. */
export const MAX_CONTROL_BYTES = 9 * 1024

/** The messages by their number on the wire, each with the names of its numbers. */
const LAYOUT: readonly (readonly [type: Exclude<Control['type'], 'unknown'>, ...names: readonly string[]])[] = [
  ['hello'],
  ['start', 'order', 'offset'],
  ['ack', 'received', 'limit'],
  ['end', 'total'],
  ['signal'],
  ['ping'],
  ['pong'],
  ['lost', 'pathId'],
  ['close']
]
const NUMBER_BYTES = 8

/** The bytes of a message. */
export function encodeControl(control: Control): Uint8Array {
  const at = LAYOUT.findIndex(([type]) => type === control.type)
  const [, ...names] = LAYOUT[at] ?? []
  const rest = control.type === 'signal' ? control.bytes : b4a.alloc(0)
  const encoded = b4a.alloc(placeOf(names.length) + rest.byteLength)
  encoded[0] = at
  const numbers: Readonly<Record<string, unknown>> = control
  for (const [index, name] of names.entries()) writeUint64(encoded, placeOf(index), Number(numbers[name]))
  encoded.set(rest, placeOf(names.length))
  return encoded
}

/** Throws PATH_VIOLATION on a wrong length. */
export function decodeControl(bytes: Uint8Array): Control {
  const [type, ...names] = LAYOUT[bytes[0] ?? LAYOUT.length] ?? ['unknown']
  if (type === 'unknown') return { type }
  if (type === 'signal') return { type, bytes: bytes.subarray(1) }
  if (bytes.byteLength !== placeOf(names.length)) throw pathViolation('a control message has a wrong length')
  const numbers = names.map((name, index) => [name, readNumber(bytes, placeOf(index))])
  return { type, ...Object.fromEntries(numbers) } as Control
}

/** Where a number begins. */
function placeOf(index: number): number {
  return 1 + index * NUMBER_BYTES
}

function readNumber(bytes: Uint8Array, at: number): number {
  const number = readUint64(bytes, at)
  if (!Number.isSafeInteger(number)) throw pathViolation('a control message has an impossible number')
  return number
}
