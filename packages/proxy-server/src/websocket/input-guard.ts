import type { Duplex } from 'node:stream'
import { type Clock, systemClock } from '@swarmway/proxy-protocol'

/**
 * Reads that a stranger may take for its greeting. Each piece of an unfinished frame costs a buffer object, however
 * short it is.
 */
const MAX_READS = 128
/** Bytes around the payload of a message in one frame, at most. */
const FRAME_BYTES = 14
/** Bytes a second, and at once, that carry no message: pings, pongs and the frames around fragments, of 6 bytes or more. */
const IDLE_BYTES_PER_SECOND = 16 * 1024
const IDLE_BURST_BYTES = 64 * 1024

/** Options of an {@link InputGuard}. */
export interface InputGuardOptions {
  /** See `maxMessageBytes`: that many bytes may be part of a message that is not complete. */
  readonly maxMessageBytes: number
  /** Called with what was exceeded. */
  readonly onExcess: (what: string) => void
  /** Clock; default the platform's. */
  readonly clock?: Clock
}

/** Watches what arrives on the socket below a WebSocket, where fragments and control frames count as well. */
export class InputGuard {
  readonly #socket: Duplex
  readonly #options: InputGuardOptions
  readonly #clock: Clock
  #bytes = 0
  #reads = 0
  #maxBytes: number | null = null
  #isWatching = false
  /** Bytes that belong to no message so far; below 0 between a message and the end of its read. */
  #idleBytes = 0
  #lastMs: number

  constructor(socket: Duplex, options: InputGuardOptions) {
    this.#socket = socket
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#lastMs = this.#clock.now()
  }

  /** Limits the bytes that may have arrived since the first call, or lifts the limit (null). */
  limit(maxBytes: number | null): void {
    this.#maxBytes = maxBytes
    if (!this.#isWatching) this.#socket.on('data', this.#onData)
    this.#isWatching = true
  }

  /** A message of that many bytes was complete. */
  onMessage(bytes: number): void {
    this.#idleBytes -= bytes + FRAME_BYTES
  }

  readonly #onData = (chunk: Uint8Array): void => {
    const maxBytes = this.#maxBytes
    this.#bytes += chunk.byteLength
    this.#reads++
    this.#countIdle(chunk.byteLength)
    if (maxBytes !== null && (this.#bytes > maxBytes || this.#reads > MAX_READS))
      this.#options.onExcess(`more than ${maxBytes} bytes, or too many pieces, before the greeting`)
    else if (this.#idleBytes > this.#options.maxMessageBytes + IDLE_BURST_BYTES)
      this.#options.onExcess('too many bytes without a message: pings, or fragments')
  }

  #countIdle(bytes: number): void {
    const nowMs = this.#clock.now()
    const allowed = ((nowMs - this.#lastMs) * IDLE_BYTES_PER_SECOND) / 1000
    this.#lastMs = nowMs
    this.#idleBytes = Math.max(0, this.#idleBytes + bytes - allowed)
  }
}
