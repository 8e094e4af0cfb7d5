import { ByteQueue, FittedWindow } from '@swarmway/runtime'
import b4a from 'b4a'
import { pathViolation } from './errors.js'
import { FIRST_PATH_ID } from './path.js'
import { INITIAL_WINDOW_BYTES, MAX_WINDOW_BYTES } from './windows.js'

/** The round trip that a window is made for. Paths change, and with them their round trips. */
const ROUND_TRIP_MS = 250
/** Takes what arrives from one path at a time, without gaps or repetitions, and lets it wait for the reader. */
export class ReceiveBuffer {
  /** All bytes before this offset have arrived. */
  receivedOffset = 0
  /** The reader has taken all bytes before this offset. */
  readOffset = 0
  /** The offset that the peer may send up to, as it was last told. */
  limitOffset = INITIAL_WINDOW_BYTES
  readonly #window: FittedWindow
  readonly #ready = new ByteQueue(b4a.allocUnsafeSlow)
  /** The path whose data count: a path that the peer has left only repeats, or somebody else makes it up. */
  #pathId = FIRST_PATH_ID
  #startOrder = 0
  /** Where the next data on that path belong. */
  #nextOffset = 0
  #total: number | null = null

  constructor(now: () => number) {
    this.#window = new FittedWindow({ minBytes: INITIAL_WINDOW_BYTES, maxBytes: MAX_WINDOW_BYTES }, { now })
  }

  /** Whether the peer has ended, and the reader has taken everything. */
  get isDrained(): boolean {
    return this.readOffset === this.#total
  }

  /** Whether the peer has ended, and everything is here. */
  get isComplete(): boolean {
    return this.receivedOffset === this.#total
  }

  /** How much the peer may send ahead of the reader. */
  get windowBytes(): number {
    return this.#window.sizeBytes
  }

  /** How far the peer may send now. */
  get nextLimit(): number {
    return Math.max(this.limitOffset, this.readOffset + this.#window.sizeBytes)
  }

  /**
   * The peer sends on this path, from `offset` on. Of two such messages on different paths the first may arrive last. Throws
   * PATH_VIOLATION on a gap: the peer begins with what it has not heard of.
   */
  start(pathId: number, order: number, offset: number): void {
    const isLate = order <= this.#startOrder
    if (offset > this.receivedOffset || (isLate && pathId === this.#pathId))
      throw pathViolation('a start that cannot be')
    if (isLate) return
    this.#pathId = pathId
    this.#startOrder = order
    this.#nextOffset = offset
  }

  /** Bytes arrived. Throws PATH_VIOLATION if the peer was not allowed to send them. */
  add(pathId: number, bytes: Uint8Array): void {
    if (pathId !== this.#pathId) return
    const known = this.receivedOffset - this.#nextOffset
    this.#nextOffset += bytes.byteLength
    if (this.#nextOffset > Math.min(this.limitOffset, this.#total ?? this.limitOffset))
      throw pathViolation('data beyond the window, or after the end')
    if (known >= bytes.byteLength) return
    this.#ready.push(bytes.subarray(known))
    this.receivedOffset = this.#nextOffset
  }

  /** No bytes follow after `total`. Throws PATH_VIOLATION if that cannot be. */
  end(total: number): void {
    const isKnown = this.#total !== null && this.#total !== total
    if (isKnown || total < this.receivedOffset || total > this.limitOffset) throw pathViolation('an end that cannot be')
    this.#total = total
  }

  /** The next bytes for the reader, null if none are here. */
  read(): Uint8Array | null {
    const bytes = this.#ready.shift()
    if (bytes === undefined) return null
    this.readOffset += bytes.byteLength
    this.#window.onRead(bytes.byteLength, ROUND_TRIP_MS)
    return bytes
  }
}
