import type { FittedWindow } from '@swarmway/runtime'
import { protocolError } from '../errors.js'
import { Fifo } from '../util/fifo.js'
import { allocate, copyOf } from '../wire/bytes.js'

/** Chunks smaller than this are copied together while the reader is slow. */
const SMALL_BYTES = 4 * 1024
const MAX_SHARED_BYTES = 16 * 1024
const MIN_SHARED_BYTES = 1024

/** A chunk is copied out if it keeps more than this many times its own size alive. */
const MAX_WASTE = 4

/**
 * Received and unread bytes of one stream. It occupies a small multiple of those bytes, whatever the sender does;
 * otherwise a window of one-byte frames would keep a hundred times its size alive.
 */
export class ReceiveQueue {
  readonly #chunks = new Fifo<Uint8Array>()
  readonly #window: FittedWindow
  /** The part of the window that the peer knows. */
  #grantedBytes: number
  #credit: number
  #consumed = 0
  #bytes = 0
  #shared: Uint8Array | null = null
  #sharedFill = 0

  /** `window`: bytes that the peer may send ahead of the reader. */
  constructor(window: FittedWindow) {
    this.#window = window
    this.#grantedBytes = this.#credit = window.sizeBytes
  }

  /** Bytes waiting for the reader. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Charges received bytes to the credit.
   * @throws ProxyError `PROTOCOL_ERROR` if the peer had none left
   */
  charge(bytes: number): void {
    if (bytes === 0) throw protocolError('a data frame without data')
    if (bytes > this.#credit) throw protocolError('data beyond the credit')
    this.#credit -= bytes
  }

  /** Adds what arrived. */
  push(chunk: Uint8Array): void {
    const isAlone = this.#bytes === 0
    const isWasteful = chunk.byteLength * MAX_WASTE < chunk.buffer.byteLength
    this.#bytes += chunk.byteLength
    if (chunk.byteLength < SMALL_BYTES && (isWasteful || !isAlone)) {
      this.#share(chunk)
    } else {
      this.#closeShared()
      this.#chunks.push(isWasteful ? copyOf(chunk) : chunk)
    }
  }

  /** Takes the next bytes for the reader. */
  shift(): Uint8Array | undefined {
    if (this.#chunks.length === 0) this.#closeShared()
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) this.#bytes -= chunk.byteLength
    return chunk
  }

  /**
   * The reader has consumed bytes. Returns the credit to give back: 0 until half a window has accumulated, so that
   * reading one byte does not send a frame. If the window has grown, the credit is larger than what was consumed.
   */
  consume(bytes: number, roundTripMs: number): number {
    this.#consumed += bytes
    this.#window.onRead(bytes, roundTripMs)
    if (this.#consumed * 2 < this.#grantedBytes) return 0
    const credit = this.#consumed + this.#window.sizeBytes - this.#grantedBytes
    this.#grantedBytes = this.#window.sizeBytes
    this.#consumed = 0
    this.#credit += credit
    return credit
  }

  /** Drops the waiting bytes. */
  clear(): void {
    this.#chunks.clear()
    this.#shared = null
    this.#bytes = 0
  }

  #share(chunk: Uint8Array): void {
    if (this.#shared !== null && this.#sharedFill + chunk.byteLength > this.#shared.byteLength) this.#closeShared()
    if (this.#shared === null) this.#openShared(chunk.byteLength)
    this.#shared?.set(chunk, this.#sharedFill)
    this.#sharedFill += chunk.byteLength
  }

  /** The first buffer is small, because many streams never have more than one message waiting. */
  #openShared(needed: number): void {
    const size = this.#bytes > MAX_SHARED_BYTES ? MAX_SHARED_BYTES : Math.max(MIN_SHARED_BYTES, needed)
    this.#shared = allocate(size)
    this.#sharedFill = 0
  }

  #closeShared(): void {
    if (this.#shared === null) return
    this.#chunks.push(this.#shared.subarray(0, this.#sharedFill))
    this.#shared = null
  }
}
