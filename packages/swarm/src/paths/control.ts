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

/** By number on the wire. */
const TYPES: readonly Control['type'][] = ['hello', 'start', 'ack', 'end', 'signal', 'ping', 'pong', 'lost', 'close']
const NUMBER_BYTES = 8

/** The bytes of a message. */
export function encodeControl(control: Control): Uint8Array {
  const numbers = numbersOf(control)
  const rest = control.type === 'signal' ? control.bytes : b4a.alloc(0)
  const encoded = b4a.alloc(1 + numbers.length * NUMBER_BYTES + rest.byteLength)
  encoded[0] = TYPES.indexOf(control.type)
  for (const [index, number] of numbers.entries()) writeUint64(encoded, 1 + index * NUMBER_BYTES, number)
  encoded.set(rest, 1 + numbers.length * NUMBER_BYTES)
  return encoded
}

/** Throws PATH_VIOLATION on a wrong length. */
export function decodeControl(bytes: Uint8Array): Control {
  const type = TYPES[bytes[0] ?? TYPES.length]
  switch (type) {
    case undefined:
      return { type: 'unknown' }
    case 'start': {
      const [order, offset] = readNumbers(bytes, 2)
      return { type, order, offset }
    }
    case 'ack': {
      const [received, limit] = readNumbers(bytes, 2)
      return { type, received, limit }
    }
    case 'end':
      return { type, total: readNumbers(bytes, 1)[0] }
    case 'lost':
      return { type, pathId: readNumbers(bytes, 1)[0] }
    case 'signal':
      return { type, bytes: bytes.subarray(1) }
    default:
      readNumbers(bytes, 0)
      return { type }
  }
}

function numbersOf(control: Control): readonly number[] {
  if (control.type === 'start') return [control.order, control.offset]
  if (control.type === 'ack') return [control.received, control.limit]
  if (control.type === 'end') return [control.total]
  return control.type === 'lost' ? [control.pathId] : []
}

function readNumbers(bytes: Uint8Array, count: number): [number, number] {
  if (bytes.byteLength !== 1 + count * NUMBER_BYTES) throw pathViolation('a control message has a wrong length')
  const read = (index: number) => (index < count ? readNumber(bytes, 1 + index * NUMBER_BYTES) : 0)
  return [read(0), read(1)]
}

function readNumber(bytes: Uint8Array, at: number): number {
  const number = readUint64(bytes, at)
  if (!Number.isSafeInteger(number)) throw pathViolation('a control message has an impossible number')
  return number
}
