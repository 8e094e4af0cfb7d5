import type { Clock } from '@swarmway/runtime'
import type { ReceiveBuffer } from './receive-buffer.js'

/** Milliseconds that an acknowledgement may wait for more to acknowledge. */
const DELAY_MS = 50
/** Acknowledges at once after this part of the window, and grants this part of it. In browsers each waits for another thread. */
const PART = 1 / 3

/** Decides when to acknowledge: soon enough for the sender, and seldom enough to cost nothing. */
export class AckSchedule {
  readonly #clock: Clock
  readonly #received: ReceiveBuffer
  readonly #send: () => void
  #ackedOffset = 0
  #timer: unknown = null

  constructor(clock: Clock, received: ReceiveBuffer, send: () => void) {
    this.#clock = clock
    this.#received = received
    this.#send = send
  }

  /** Data arrived. */
  onReceived(): void {
    const { receivedOffset, isComplete, windowBytes } = this.#received
    if (isComplete || receivedOffset - this.#ackedOffset >= windowBytes * PART) this.flush()
    else if (receivedOffset > this.#ackedOffset) this.#timer ??= this.#clock.setTimeout(() => this.flush(), DELAY_MS)
  }

  /** The reader took something. */
  onRead(): void {
    const { limitOffset, nextLimit, isComplete, windowBytes } = this.#received
    if (!isComplete && nextLimit - limitOffset >= windowBytes * PART) this.flush()
  }

  /** Acknowledges now. */
  flush(): void {
    this.stop()
    this.#ackedOffset = this.#received.receivedOffset
    this.#received.limitOffset = this.#received.nextLimit
    this.#send()
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }
}
