import { type Clock, unref } from '@swarmway/runtime'
import type { ProtocolLimits } from '../limits.js'

/**
 * Counts received frames and decides when to acknowledge them: after `ackBytes`, after `ackDelayMs`, or together with
 * another frame.
 */
export class AckSchedule {
  /** Sequenced frames received. */
  received = 0
  readonly #limits: ProtocolLimits
  readonly #clock: Clock
  readonly #send: () => boolean
  #said = 0
  #bytes = 0
  #urgent = false
  #timer: unknown = null

  /** `send` sends an ACK of `received`, or returns false if the link accepts nothing right now. */
  constructor(limits: ProtocolLimits, clock: Clock, send: () => boolean) {
    this.#limits = limits
    this.#clock = clock
    this.#send = send
  }

  /** A frame arrived. */
  count(bytes: number): void {
    this.received++
    this.#bytes += bytes
    if (this.#bytes >= this.#limits.ackBytes) this.#say()
    else this.#arm()
  }

  /** The peer is waiting for this acknowledgement: it goes out with the next frame. */
  hurry(): void {
    this.#urgent = true
  }

  /** A frame is about to be sent: an acknowledgement that is due soon can go with it. */
  piggyback(): void {
    const due = this.#urgent || this.#bytes * 2 >= this.#limits.ackBytes
    if (due && this.received !== this.#said) this.#say()
  }

  /** A new link: the peer may not know what arrived on the previous one. */
  restart(): void {
    this.stop()
    this.#said = -1
    this.#arm()
  }

  /** The link is gone. */
  stop(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer)
    this.#timer = null
    this.#bytes = 0
  }

  #arm(): void {
    if (this.#timer !== null) return
    this.#timer = unref(this.#clock.setTimeout(() => this.#onTimer(), this.#limits.ackDelayMs))
  }

  #onTimer(): void {
    this.#timer = null
    if (this.received !== this.#said) this.#say()
  }

  #say(): void {
    if (this.#send()) {
      this.#said = this.received
      this.#bytes = 0
      this.#urgent = false
    } else {
      this.#arm()
    }
  }
}
