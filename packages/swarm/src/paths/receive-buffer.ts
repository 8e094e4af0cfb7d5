import { ByteQueue, FittedWindow } from '@swarmway/runtime'
import b4a from 'b4a'
import { pathViolation } from './errors.js'
import { INITIAL_WINDOW_BYTES, MAX_WINDOW_BYTES } from './windows.js'

/** The round trip that a window is made for. Paths change, and with them their round trips. */
const ROUND_TRIP_MS = 250
/** Most runs of bytes with a gap before them. Each change of path leaves at most one. */
const MAX_RUNS = 16

/** Bytes that came before those in front of them, which are still on the way over another path. */
interface Run {
  readonly offset: number
  readonly bytes: ByteQueue
}

/** Puts what arrives over several paths in order, without gaps or repetitions, and lets it wait for the reader. */
export class ReceiveBuffer {
  /** All bytes before this offset have arrived. */
  receivedOffset = 0
  /** The reader has taken all bytes before this offset. */
  readOffset = 0
  /** The offset that the peer may send up to, as it was last told. */
  limitOffset = INITIAL_WINDOW_BYTES
  readonly #window: FittedWindow
  readonly #ready = new ByteQueue(b4a.allocUnsafeSlow)
  /** They do not overlap, so they hold a window at most, whatever the peer repeats. */
  #runs: Run[] = []
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

  /** Bytes arrived. Throws PATH_VIOLATION if the peer was not allowed to send them. */
  add(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.byteLength
    if (end > this.limitOffset || (this.#total !== null && end > this.#total))
      throw pathViolation('data beyond the window, or after the end')
    if (end <= this.receivedOffset) return
    if (offset > this.receivedOffset) this.#keep(offset, bytes)
    else {
      this.#append(bytes.subarray(this.receivedOffset - offset))
      if (this.#runs.length > 0) this.#closeGaps()
    }
  }

  /** No bytes follow after `total`. Throws PATH_VIOLATION if that cannot be. */
  end(total: number): void {
    const isKnown = this.#total !== null && this.#total !== total
    const heldEnd = Math.max(this.receivedOffset, ...this.#runs.map(endOf))
    if (isKnown || total < heldEnd || total > this.limitOffset) throw pathViolation('an end that cannot be')
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

  #append(bytes: Uint8Array): void {
    this.#ready.push(bytes)
    this.receivedOffset += bytes.byteLength
  }

  /** Keeps what no run has. */
  #keep(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.byteLength
    const known = this.#runs.find((run) => run.offset < end && offset < endOf(run))
    if (known === undefined) this.#hold(offset, bytes)
    else {
      if (offset < known.offset) this.#keep(offset, bytes.subarray(0, known.offset - offset))
      if (end > endOf(known)) this.#keep(endOf(known), bytes.subarray(endOf(known) - offset))
    }
  }

  #hold(offset: number, bytes: Uint8Array): void {
    let run = this.#runs.find((known) => endOf(known) === offset)
    if (run === undefined) {
      run = { offset, bytes: new ByteQueue(b4a.allocUnsafeSlow) }
      if (this.#runs.push(run) > MAX_RUNS) throw pathViolation('data with too many gaps')
    }
    run.bytes.push(b4a.from(bytes))
  }

  #closeGaps(): void {
    for (;;) {
      const next = this.#runs.find((run) => run.offset <= this.receivedOffset)
      if (next === undefined) return
      this.#runs = this.#runs.filter((run) => run !== next)
      this.#drain(next)
    }
  }

  #drain({ offset, bytes }: Run): void {
    let at = offset
    for (let chunk = bytes.shift(); chunk !== undefined; chunk = bytes.shift()) {
      const skipped = this.receivedOffset - at
      at += chunk.byteLength
      if (skipped < chunk.byteLength) this.#append(chunk.subarray(skipped))
    }
  }
}

function endOf({ bytes, offset }: Run): number {
  return offset + bytes.byteLength
}
