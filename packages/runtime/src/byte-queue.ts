import { Fifo } from './fifo.js'

/** Chunks smaller than this are copied together while the reader is slow. */
const SMALL_BYTES = 4 * 1024
const MAX_SHARED_BYTES = 16 * 1024
const MIN_SHARED_BYTES = 1024

/** A chunk is copied out if it keeps more than this many times its own size alive. */
const MAX_WASTE = 4

/**
 * Bytes that wait for a reader, in order. They occupy a small multiple of their size, whatever chunks the sender made:
 * otherwise a window of one-byte chunks would keep a hundred times its size alive, and so would chunks that are each a
 * small part of a large message.
 */
export class ByteQueue {
  /** Bytes waiting. */
  byteLength = 0
  readonly #allocate: (byteLength: number) => Uint8Array
  readonly #chunks = new Fifo<Uint8Array>()
  #shared: Uint8Array | null = null
  #sharedFill = 0

  /** `allocate` makes memory that is not cut from a shared pool, such as `b4a.allocUnsafeSlow`. */
  constructor(allocate: (byteLength: number) => Uint8Array) {
    this.#allocate = allocate
  }

  /** Adds bytes at the end. They must not change afterwards. */
  push(chunk: Uint8Array): void {
    const isAlone = this.byteLength === 0
    const isWasteful = chunk.byteLength * MAX_WASTE < chunk.buffer.byteLength
    this.byteLength += chunk.byteLength
    if (chunk.byteLength < SMALL_BYTES && (isWasteful || !isAlone)) {
      this.#share(chunk)
    } else {
      this.#closeShared()
      this.#chunks.push(isWasteful ? this.#copyOf(chunk) : chunk)
    }
  }

  /** Takes the next bytes. */
  shift(): Uint8Array | undefined {
    if (this.#chunks.length === 0) this.#closeShared()
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) this.byteLength -= chunk.byteLength
    return chunk
  }

  /** Drops the waiting bytes. */
  clear(): void {
    this.#chunks.clear()
    this.#shared = null
    this.byteLength = 0
  }

  #copyOf(chunk: Uint8Array): Uint8Array {
    const copy = this.#allocate(chunk.byteLength)
    copy.set(chunk)
    return copy
  }

  #share(chunk: Uint8Array): void {
    if (this.#shared !== null && this.#sharedFill + chunk.byteLength > this.#shared.byteLength) this.#closeShared()
    if (this.#shared === null) this.#openShared(chunk.byteLength)
    this.#shared?.set(chunk, this.#sharedFill)
    this.#sharedFill += chunk.byteLength
  }

  /** The first buffer is small, because many streams never have more than one message waiting. */
  #openShared(needed: number): void {
    const size = this.byteLength > MAX_SHARED_BYTES ? MAX_SHARED_BYTES : Math.max(MIN_SHARED_BYTES, needed)
    this.#shared = this.#allocate(size)
    this.#sharedFill = 0
  }

  #closeShared(): void {
    if (this.#shared === null) return
    this.#chunks.push(this.#shared.subarray(0, this.#sharedFill))
    this.#shared = null
  }
}
