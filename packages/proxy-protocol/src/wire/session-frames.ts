/**
 * The sequenced frames. Layouts are of the body; integers are little-endian.
 *
 *     REQUEST        id u53, op u16, body (the rest)            ids strictly increase
 *     RESPONSE       id u53, status u8: 0 and body (the rest), or 1 and error
 *     NOTIFY         op u16, body (the rest)
 *     STREAM_OPEN    stream u32, window u32, meta (the rest)     ids strictly increase; the initiator's are odd
 *     STREAM_DATA    stream u32, bytes (the rest, 1 to 64 KiB)
 *     STREAM_CREDIT  stream u32, bytes u32 (at least 1)
 *     STREAM_END     stream u32
 *     STREAM_RESET   stream u32, error
 *
 * The window in STREAM_OPEN is what the accepting side may send at once. The opening side may send 64 KiB until the
 * accepting side's first STREAM_CREDIT allows more.
 */

import b4a from 'b4a'
import { type ProxyError, protocolError } from '../errors.js'
import { allocate, ByteReader, writeU32 } from './bytes.js'
import { readError, type WireError, writeError } from './error-codec.js'
import { FRAME } from './frame-types.js'
import { buildFrame, HEADER_BYTES, writeHeader } from './framing.js'

/** Bytes of a STREAM_DATA frame before its payload, framing included. */
export const DATA_HEADER_BYTES = HEADER_BYTES + 4

/** No honest peer grants more credit than this, so more is an attempt at an overflow. */
export const MAX_CREDIT_BYTES = 0x7fffffff

/** @throws TypeError unless it is the number of an operation */
export function assertOperation(op: number): void {
  if (Number.isInteger(op) && op >= 0 && op <= 0xffff) return
  throw new TypeError(`op must be an integer from 0 to 65535, not ${op}`)
}

/** A decoded REQUEST. */
export interface RequestFrame {
  /** Chosen by the requesting side. */
  readonly id: number
  /** The operation. */
  readonly op: number
  /** A view of the chunk in which it arrived. */
  readonly body: Uint8Array
}

/** A decoded RESPONSE. */
export interface ResponseFrame {
  /** The id of the request. */
  readonly id: number
  /** The response body or the error. The body is a view of the chunk in which it arrived. */
  readonly result: Uint8Array | ProxyError
}

/** Encodes a REQUEST as a whole frame. */
export function encodeRequest(id: number, op: number, body: Uint8Array): Uint8Array {
  return buildFrame(FRAME.REQUEST, (writer) => writer.u53(id).u16(op).raw(body))
}

/** Decodes the body of a REQUEST. @throws ProxyError `PROTOCOL_ERROR` */
export function decodeRequest(bytes: Uint8Array): RequestFrame {
  const reader = new ByteReader(bytes, 'REQUEST')
  return { id: reader.u53(), op: reader.u16(), body: reader.raw(reader.left) }
}

/** Encodes a RESPONSE with a body as a whole frame. */
export function encodeResponse(id: number, body: Uint8Array): Uint8Array {
  return buildFrame(FRAME.RESPONSE, (writer) => writer.u53(id).u8(0).raw(body))
}

/** Encodes a RESPONSE with an error as a whole frame. */
export function encodeErrorResponse(id: number, error: WireError): Uint8Array {
  return buildFrame(FRAME.RESPONSE, (writer) => writeError(writer.u53(id).u8(1), error))
}

/** Decodes the body of a RESPONSE. @throws ProxyError `PROTOCOL_ERROR` */
export function decodeResponse(bytes: Uint8Array): ResponseFrame {
  const reader = new ByteReader(bytes, 'RESPONSE')
  const id = reader.u53()
  if (reader.flags(1) === 0) return { id, result: reader.raw(reader.left) }
  const result = readError(reader)
  reader.end()
  return { id, result }
}

/** Encodes a NOTIFY as a whole frame. */
export function encodeNotify(op: number, body: Uint8Array): Uint8Array {
  return buildFrame(FRAME.NOTIFY, (writer) => writer.u16(op).raw(body))
}

/** Decodes the body of a NOTIFY. @throws ProxyError `PROTOCOL_ERROR` */
export function decodeNotify(bytes: Uint8Array): { op: number; body: Uint8Array } {
  const reader = new ByteReader(bytes, 'NOTIFY')
  return { op: reader.u16(), body: reader.raw(reader.left) }
}

/** Encodes a STREAM_OPEN as a whole frame. */
export function encodeOpen(stream: number, window: number, meta: Uint8Array): Uint8Array {
  return buildFrame(FRAME.STREAM_OPEN, (writer) => writer.u32(stream).u32(window).raw(meta))
}

/** Decodes the body of a STREAM_OPEN. @throws ProxyError `PROTOCOL_ERROR` */
export function decodeOpen(bytes: Uint8Array): { stream: number; window: number; meta: Uint8Array } {
  const reader = new ByteReader(bytes, 'STREAM_OPEN')
  const frame = { stream: reader.u32(), window: reader.u32(), meta: reader.raw(reader.left) }
  if (frame.window > MAX_CREDIT_BYTES) throw protocolError('STREAM_OPEN: the window is too large')
  return frame
}

/** Encodes the header of a STREAM_DATA frame, with room for `room` bytes of payload behind it. */
export function encodeDataHeader(stream: number, payloadBytes: number, room: number): Uint8Array {
  // Without room it is kept no longer than its payload, which is far larger than the pool that it is cut from.
  const frame = room === 0 ? b4a.allocUnsafe(DATA_HEADER_BYTES) : allocate(DATA_HEADER_BYTES + room)
  writeHeader(frame, FRAME.STREAM_DATA, 4 + payloadBytes)
  writeU32(frame, HEADER_BYTES, stream)
  return frame
}

/** Decodes the body of a STREAM_DATA; the payload is a view. @throws ProxyError `PROTOCOL_ERROR` */
export function decodeData(bytes: Uint8Array): { stream: number; payload: Uint8Array } {
  const reader = new ByteReader(bytes, 'STREAM_DATA')
  return { stream: reader.u32(), payload: reader.raw(reader.left) }
}

/** Encodes a STREAM_CREDIT as a whole frame. */
export function encodeCredit(stream: number, credit: number): Uint8Array {
  return buildFrame(FRAME.STREAM_CREDIT, (writer) => writer.u32(stream).u32(credit))
}

/** Decodes the body of a STREAM_CREDIT. @throws ProxyError `PROTOCOL_ERROR` */
export function decodeCredit(bytes: Uint8Array): { stream: number; credit: number } {
  const reader = new ByteReader(bytes, 'STREAM_CREDIT')
  const frame = { stream: reader.u32(), credit: reader.u32() }
  reader.end()
  if (frame.credit === 0) throw protocolError('STREAM_CREDIT: no credit')
  return frame
}

/** Encodes a STREAM_END as a whole frame. */
export function encodeEnd(stream: number): Uint8Array {
  return buildFrame(FRAME.STREAM_END, (writer) => writer.u32(stream))
}

/** Decodes the body of a STREAM_END to the stream's id. @throws ProxyError `PROTOCOL_ERROR` */
export function decodeEnd(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes, 'STREAM_END')
  const stream = reader.u32()
  reader.end()
  return stream
}

/** Encodes a STREAM_RESET as a whole frame. */
export function encodeReset(stream: number, error: WireError): Uint8Array {
  return buildFrame(FRAME.STREAM_RESET, (writer) => writeError(writer.u32(stream), error))
}

/** Decodes the body of a STREAM_RESET. @throws ProxyError `PROTOCOL_ERROR` */
export function decodeReset(bytes: Uint8Array): { stream: number; error: ProxyError } {
  const reader = new ByteReader(bytes, 'STREAM_RESET')
  const frame = { stream: reader.u32(), error: readError(reader) }
  reader.end()
  return frame
}
