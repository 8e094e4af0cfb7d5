import { Fifo } from '@swarmway/runtime'
import { pathViolation } from './errors.js'
import { INITIAL_WINDOW_BYTES, MAX_WINDOW_BYTES } from './windows.js'

interface Chunk {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** Peers allow a third of a window at a time. An acknowledgement that allows less than this says nothing new. */
const LEAST_GRANT_BYTES = 16 * 1024

/** The bytes that were written and that the peer has not acknowledged: any path can send them, or send them again. */
export class SendBuffer {
  /** The peer has all bytes before this offset. */
  ackedOffset = 0
  /** Where the next bytes to send begin. */
  sentOffset = 0
  /** The end of what was ever sent. */
  maxSentOffset = 0
  /** Where the next byte to be written goes. */
  endOffset = 0
  #peerLimit = INITIAL_WINDOW_BYTES
  readonly #chunks = new Fifo<Chunk>()
  /** The chunk with the next byte to send. */
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

  /** Whatever is not acknowledged is to be sent again. */
  rewind(): void {
    this.sentOffset = this.ackedOffset
    this.#cursor = 0
  }

  /** The next bytes to send, `most` or fewer, in as many parts as they were written in; none if none may be sent. */
  take(most: number): Uint8Array[] {
    const parts: Uint8Array[] = []
    const end = Math.min(this.sentOffset + most, this.limitOffset, this.endOffset)
    while (this.sentOffset < end) {
      const chunk = this.#chunks.at(this.#cursor)
      if (chunk === undefined) break
      const { offset, bytes } = chunk
      const part = bytes.subarray(this.sentOffset - offset, end - offset)
      parts.push(part)
      this.sentOffset += part.byteLength
      if (this.sentOffset === offset + bytes.byteLength) this.#cursor++
    }
    this.maxSentOffset = Math.max(this.maxSentOffset, this.sentOffset)
    return parts
  }

  /** The peer has acknowledged. Throws PATH_VIOLATION beyond what was ever sent. */
  ack(received: number, limit: number): void {
    if (received > this.maxSentOffset || limit < received)
      throw pathViolation('bytes were acknowledged that were never sent')
    this.#peerLimit = Math.max(this.#peerLimit, limit)
    // Acknowledgements that took different paths may overtake each other.
    if (received <= this.ackedOffset) return
    this.ackedOffset = received
    while (this.#isAcked(this.#chunks.at(0))) {
      this.#chunks.shift()
      if (this.#cursor > 0) this.#cursor--
    }
  }

  #isAcked(chunk: Chunk | undefined): boolean {
    return chunk !== undefined && chunk.offset + chunk.bytes.byteLength <= this.ackedOffset
  }
}
