import { Fifo } from '@swarmway/runtime'
import { protocolError } from '../errors.js'
import { DATA_HEADER_BYTES, encodeDataHeader, MAX_CREDIT_BYTES } from '../wire/session-frames.js'

/** Chunks of at least this size are sent without copying; adjacent smaller ones are gathered into one frame. */
const LARGE_BYTES = 16 * 1024

/** One STREAM_DATA frame. */
export interface DataFrame {
  /** The header, possibly followed by the payload. */
  readonly head: Uint8Array
  /** The payload, if it is not in `head`. */
  readonly body: Uint8Array | null
  /** Bytes of payload. */
  readonly payloadBytes: number
}

/** What one stream has to send, and how much of it may be sent now. */
export class SendQueue {
  readonly #stream: number
  readonly #chunks = new Fifo<Uint8Array>()
  #offset = 0
  #bytes = 0
  #credit: number

  /** `credit`: bytes that may be sent before the peer's first STREAM_CREDIT. */
  constructor(stream: number, credit: number) {
    this.#stream = stream
    this.#credit = credit
  }

  /** Bytes waiting. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether bytes are waiting that may be sent now. */
  get sendable(): boolean {
    return this.#bytes > 0 && this.#credit > 0
  }

  /** Adds bytes. */
  push(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.byteLength
  }

  /** The peer allows more bytes. @throws ProxyError `PROTOCOL_ERROR` on overflow */
  addCredit(bytes: number): void {
    if (this.#credit + bytes > MAX_CREDIT_BYTES) throw protocolError('credit overflow')
    this.#credit += bytes
  }

  /** The next frame, of at most `limit` bytes of payload. Call it only if `sendable`. */
  take(limit: number): DataFrame {
    const room = Math.min(limit, this.#credit, this.#bytes)
    const first = this.#firstBytes()
    const frame = first >= LARGE_BYTES ? this.#cut(Math.min(first, room)) : this.#gather(this.#smallRun(room))
    this.#bytes -= frame.payloadBytes
    this.#credit -= frame.payloadBytes
    return frame
  }

  /** Drops everything. */
  clear(): void {
    this.#chunks.clear()
    this.#offset = 0
    this.#bytes = 0
  }

  #firstBytes(): number {
    return (this.#chunks.at(0)?.byteLength ?? 0) - this.#offset
  }

  /** A frame around part of the first chunk, without copying. */
  #cut(length: number): DataFrame {
    const body = this.#advance(length)
    return { head: encodeDataHeader(this.#stream, length, 0), body, payloadBytes: length }
  }

  /** A frame into which the next `length` bytes are copied. */
  #gather(length: number): DataFrame {
    const head = encodeDataHeader(this.#stream, length, length)
    let offset = DATA_HEADER_BYTES
    while (offset < head.byteLength) {
      const part = this.#advance(Math.min(this.#firstBytes(), head.byteLength - offset))
      head.set(part, offset)
      offset += part.byteLength
    }
    return { head, body: null, payloadBytes: length }
  }

  /** Number of the next `room` bytes that come before a chunk that is large enough for its own frame. */
  #smallRun(room: number): number {
    let bytes = this.#firstBytes()
    for (let i = 1; bytes < room; i++) {
      const chunk = this.#chunks.at(i)
      if (chunk === undefined || chunk.byteLength >= LARGE_BYTES) break
      bytes += chunk.byteLength
    }
    return Math.min(bytes, room)
  }

  #advance(length: number): Uint8Array {
    const chunk = this.#chunks.at(0) as Uint8Array
    const part = chunk.subarray(this.#offset, this.#offset + length)
    this.#offset += length
    if (this.#offset === chunk.byteLength) {
      this.#chunks.shift()
      this.#offset = 0
    }
    return part
  }
}
