import { pathViolation } from './errors.js'
import { INITIAL_WINDOW_BYTES, MAX_WINDOW_BYTES } from './windows.js'

interface Chunk {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** The places of chunks that were acknowledged are dropped from the array in batches of at least this many. */
const TRIM_COUNT = 256
/** Peers allow a third of a window at a time. An acknowledgement that allows less than this says nothing new. */
const LEAST_GRANT_BYTES = 16 * 1024
/** In place of a chunk that was acknowledged, so that its bytes are free at once. */
const RELEASED: Chunk = { offset: 0, bytes: new Uint8Array(0) }

/** The bytes that were written and that the peer has not acknowledged: any path can send them, or send them again. */
export class SendBuffer {
  /** The peer has all bytes before this offset. */
  ackedOffset = 0
  /** Where the next byte to be written goes. */
  endOffset = 0
  #peerLimit = INITIAL_WINDOW_BYTES
  readonly #chunks: Chunk[] = []
  /** The first chunk that is not acknowledged. */
  #first = 0
  /** The chunk that was read last. */
  #cursor = 0

  /** Bytes may be sent up to this offset. What a peer allows beyond our own maximum would only cost memory here. */
  get limitOffset(): number {
    return Math.min(this.#peerLimit, this.ackedOffset + MAX_WINDOW_BYTES)
  }

  /** Whether an acknowledgement says something new: that more has arrived, or that much more may be sent. */
  isNews(received: number, limit: number): boolean {
    const limitOffset = Math.min(limit, this.ackedOffset + MAX_WINDOW_BYTES)
    return received > this.ackedOffset || limitOffset - this.limitOffset >= LEAST_GRANT_BYTES
  }

  append(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return
    this.#chunks.push({ offset: this.endOffset, bytes })
    this.endOffset += bytes.byteLength
  }

  /** At most `most` bytes from `offset` on, in as many parts as they were written in; none if none may be sent. */
  read(offset: number, most: number): Uint8Array[] {
    const parts: Uint8Array[] = []
    const end = Math.min(offset + most, this.limitOffset, this.endOffset)
    for (let at = offset; at < end; ) {
      const chunk = this.#find(at)
      const part = chunk.bytes.subarray(at - chunk.offset, end - chunk.offset)
      parts.push(part)
      at += part.byteLength
    }
    return parts
  }

  /** The peer has acknowledged: `sentOffset` is the end of what was ever sent. Throws PATH_VIOLATION beyond it. */
  ack(received: number, limit: number, sentOffset: number): void {
    if (received > sentOffset || limit < received) throw pathViolation('bytes were acknowledged that were never sent')
    this.#peerLimit = Math.max(this.#peerLimit, limit)
    // Acknowledgements that took different paths may overtake each other.
    if (received <= this.ackedOffset) return
    this.ackedOffset = received
    while (this.#isAcked(this.#chunks[this.#first])) this.#chunks[this.#first++] = RELEASED
    if (this.#first >= TRIM_COUNT && this.#first * 2 >= this.#chunks.length) this.#trim()
  }

  #isAcked(chunk: Chunk | undefined): boolean {
    return chunk !== undefined && chunk.offset + chunk.bytes.byteLength <= this.ackedOffset
  }

  #trim(): void {
    this.#chunks.splice(0, this.#first)
    this.#cursor = Math.max(0, this.#cursor - this.#first)
    this.#first = 0
  }

  #find(offset: number): Chunk {
    if ((this.#chunks[this.#cursor]?.offset ?? offset + 1) > offset) this.#cursor = this.#first
    for (; ; this.#cursor++) {
      const chunk = this.#chunks[this.#cursor] as Chunk
      if (offset < chunk.offset + chunk.bytes.byteLength) return chunk
    }
  }
}
