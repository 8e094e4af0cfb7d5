import b4a from 'b4a'

/** Chunks smaller than this are copied together while the reader is slow. */
const SMALL_BYTES = 1024
const SHARED_BYTES = 16 * 1024

/**
 * Bytes that wait, in order. They occupy little more than their size, whatever chunks they came in: a window of one-byte
 * chunks would otherwise keep a hundred times its size alive.
 */
export class ByteQueue {
  /** Bytes waiting. */
  byteLength = 0
  readonly #chunks: Uint8Array[] = []
  #shared: Uint8Array | null = null
  #sharedFill = 0

  push(bytes: Uint8Array): void {
    const isAlone = this.byteLength === 0
    this.byteLength += bytes.byteLength
    if (isAlone || bytes.byteLength >= SMALL_BYTES) {
      this.#closeShared()
      this.#chunks.push(bytes)
    } else this.#share(bytes)
  }

  shift(): Uint8Array | null {
    if (this.#chunks.length === 0) this.#closeShared()
    const chunk = this.#chunks.shift() ?? null
    this.byteLength -= chunk?.byteLength ?? 0
    return chunk
  }

  #share(bytes: Uint8Array): void {
    if (this.#sharedFill + bytes.byteLength > SHARED_BYTES) this.#closeShared()
    this.#shared ??= b4a.allocUnsafeSlow(SHARED_BYTES)
    this.#shared.set(bytes, this.#sharedFill)
    this.#sharedFill += bytes.byteLength
  }

  #closeShared(): void {
    if (this.#shared !== null) this.#chunks.push(this.#shared.subarray(0, this.#sharedFill))
    this.#shared = null
    this.#sharedFill = 0
  }
}
