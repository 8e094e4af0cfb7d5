/**
 * The frames that belong to one link and are never resent, except for the greeting. The layouts show the body;
 * integers are little-endian, u53 is eight bytes holding an integer below 2^53, and error is described in
 * `error-codec.ts`.
 *
 *     PING     id u32
 *     PONG     id u32, of the PING
 *     ACK      received u53: sequenced frames, since the session began
 *     GOODBYE  error
 */

import { CUT_OFF_PAUSE_MS, type ProxyError, withoutStack } from '../errors.js'
import { ByteReader } from './bytes.js'
import { readError, type WireError, writeError } from './error-codec.js'
import { FRAME } from './frame-types.js'
import { buildFrame } from './framing.js'

/** Encodes a PING or PONG as a whole frame. */
export function encodePing(type: typeof FRAME.PING | typeof FRAME.PONG, id: number): Uint8Array {
  return buildFrame(type, (writer) => writer.u32(id))
}

/**
 * Decodes the body of a PING or PONG to its id.
 * @throws ProxyError `PROTOCOL_ERROR`
 */
export function decodePing(body: Uint8Array): number {
  const reader = new ByteReader(body, 'PING')
  const id = reader.u32()
  reader.end()
  return id
}

/** Encodes an ACK as a whole frame. */
export function encodeAck(received: number): Uint8Array {
  return buildFrame(FRAME.ACK, (writer) => writer.u53(received))
}

/**
 * Decodes the body of an ACK to the peer's count of sequenced frames.
 * @throws ProxyError `PROTOCOL_ERROR`
 */
export function decodeAck(body: Uint8Array): number {
  const reader = new ByteReader(body, 'ACK')
  const received = reader.u53()
  reader.end()
  return received
}

/** Encodes a GOODBYE as a whole frame. */
export function encodeGoodbye(error: WireError): Uint8Array {
  return buildFrame(FRAME.GOODBYE, (writer) => writeError(writer, error))
}

/**
 * Decodes the body of a GOODBYE.
 * @throws ProxyError `PROTOCOL_ERROR`
 */
export function decodeGoodbye(body: Uint8Array): ProxyError {
  const reader = new ByteReader(body, 'GOODBYE')
  const error = readError(reader)
  reader.end()
  if (error.code !== 'CUT_OFF') return error
  return withoutStack(error.code, error.message, { remote: true, retryAfterMs: CUT_OFF_PAUSE_MS })
}
