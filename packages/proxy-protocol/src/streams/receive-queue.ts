import { ByteQueue, type FittedWindow } from '@swarmway/runtime'
import { protocolError } from '../errors.js'
import { allocate } from '../wire/bytes.js'

/** Received and unread bytes of one stream, and the credit for more. */
export class ReceiveQueue {
  readonly #waiting = new ByteQueue(allocate)
  readonly #window: FittedWindow
  /** The part of the window that the peer knows. */
  #grantedBytes: number
  #credit: number
  #consumed = 0

  /** `window`: bytes that the peer may send ahead of the reader. */
  constructor(window: FittedWindow) {
    this.#window = window
    this.#grantedBytes = this.#credit = window.sizeBytes
  }

  /** Bytes waiting for the reader. */
  get bytes(): number {
    return this.#waiting.byteLength
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
    this.#waiting.push(chunk)
  }

  /** Takes the next bytes for the reader. */
  shift(): Uint8Array | undefined {
    return this.#waiting.shift()
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
    this.#waiting.clear()
  }
}
