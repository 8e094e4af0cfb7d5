/**
 * Framing: turns any byte duplex or message transport into a sequence of frames.
 *
 *     length  u32 LE   bytes that follow: 1 (type) + body
 *     type    u8       see `frame-types.ts`
 *     body    length - 1 bytes
 *
 * Write boundaries have no meaning: a WebSocket message or a TCP segment may hold several frames or part of one, so
 * one decoder serves every transport.
 */

import { frameTooLarge } from '../errors.js'
import { allocate, ByteWriter, readU32, writeU32 } from './bytes.js'

/** Bytes before a frame's body. */
export const HEADER_BYTES = 5

const LENGTH_BYTES = 4

const EMPTY = new Uint8Array(0)

/** Allocated at once for a frame that arrives in parts; more is allocated only as more arrives. */
const FIRST_ALLOCATION_BYTES = 64 * 1024 + 64

/** Writes a header for a body of `bodyLength` bytes at the start of `target`. */
export function writeHeader(target: Uint8Array, type: number, bodyLength: number): void {
  writeU32(target, 0, bodyLength + 1)
  target[LENGTH_BYTES] = type
}

/** A whole frame whose body `fill` writes. */
export function buildFrame(type: number, fill: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES)
  fill(writer)
  const frame = writer.finish()
  writeHeader(frame, type, frame.byteLength - HEADER_BYTES)
  return frame
}

/** A whole frame around a given body (copied). */
export function encodeFrame(type: number, body: Uint8Array): Uint8Array {
  return buildFrame(type, (writer) => writer.raw(body))
}

/**
 * Cuts chunks of any size into frames. A frame within one chunk is passed on as a view of it. A frame that arrives in
 * parts is gathered in memory that grows with the bytes received, not with the length announced.
 */
export class FrameDecoder {
  /** The longest frame accepted from now on: type byte and body. */
  maxFrameBytes: number
  readonly #onFrame: (type: number, body: Uint8Array) => void
  /** Allocated when the first header arrives in parts, which never happens on most links. */
  #header: Uint8Array = EMPTY
  #headerFill = 0
  #body: Uint8Array = EMPTY
  #bodyFill = 0
  #bodyLength = 0
  #stopped = false

  /** `onFrame` is called synchronously from `push`; a body is a view, valid until the chunk is overwritten. */
  constructor(maxFrameBytes: number, onFrame: (type: number, body: Uint8Array) => void) {
    this.maxFrameBytes = maxFrameBytes
    this.#onFrame = onFrame
  }

  /** Bytes allocated for an incomplete frame. */
  get bufferedBytes(): number {
    return this.#body.byteLength
  }

  /**
   * Decodes the next bytes.
   * @throws ProxyError `FRAME_TOO_LARGE` for a length of zero or beyond the limit; the decoder is unusable afterwards
   */
  push(chunk: Uint8Array): void {
    let offset = 0
    while (offset < chunk.byteLength && !this.#stopped) {
      const whole = this.#headerFill === 0 ? this.#takeWhole(chunk, offset) : 0
      offset += whole > 0 ? whole : this.#takePart(chunk, offset)
    }
  }

  /** Drops everything; frames left in the chunk being decoded are not passed on. */
  stop(): void {
    this.#stopped = true
    this.#body = EMPTY
  }

  /** The fast path: a complete frame in the chunk. Returns the number of bytes taken, 0 if the frame is incomplete. */
  #takeWhole(chunk: Uint8Array, offset: number): number {
    const left = chunk.byteLength - offset
    if (left < HEADER_BYTES) return 0
    const length = this.#verify(readU32(chunk, offset))
    if (left < LENGTH_BYTES + length) return 0
    const body = chunk.subarray(offset + HEADER_BYTES, offset + LENGTH_BYTES + length)
    this.#onFrame(chunk[offset + LENGTH_BYTES] as number, body)
    return LENGTH_BYTES + length
  }

  #takePart(chunk: Uint8Array, offset: number): number {
    const taken = this.#headerFill < HEADER_BYTES ? this.#takeHeader(chunk, offset) : this.#takeBody(chunk, offset)
    if (this.#headerFill === HEADER_BYTES && this.#bodyFill === this.#bodyLength) this.#emitPart()
    return taken
  }

  #takeHeader(chunk: Uint8Array, offset: number): number {
    if (this.#header === EMPTY) this.#header = new Uint8Array(HEADER_BYTES)
    const count = Math.min(HEADER_BYTES - this.#headerFill, chunk.byteLength - offset)
    this.#header.set(chunk.subarray(offset, offset + count), this.#headerFill)
    this.#headerFill += count
    if (this.#headerFill >= LENGTH_BYTES) this.#bodyLength = this.#verify(readU32(this.#header, 0)) - 1
    return count
  }

  #takeBody(chunk: Uint8Array, offset: number): number {
    const count = Math.min(this.#bodyLength - this.#bodyFill, chunk.byteLength - offset)
    this.#reserve(this.#bodyFill + count)
    this.#body.set(chunk.subarray(offset, offset + count), this.#bodyFill)
    this.#bodyFill += count
    return count
  }

  #emitPart(): void {
    const body = this.#body.subarray(0, this.#bodyLength)
    this.#body = EMPTY
    this.#headerFill = this.#bodyFill = this.#bodyLength = 0
    this.#onFrame(this.#header[LENGTH_BYTES] as number, body)
  }

  #reserve(needed: number): void {
    if (needed <= this.#body.byteLength) return
    const size = Math.min(this.#bodyLength, Math.max(needed, FIRST_ALLOCATION_BYTES, this.#body.byteLength * 2))
    const grown = allocate(size)
    grown.set(this.#body.subarray(0, this.#bodyFill))
    this.#body = grown
  }

  #verify(length: number): number {
    if (length >= 1 && length <= this.maxFrameBytes) return length
    throw frameTooLarge(length, this.maxFrameBytes)
  }
}
