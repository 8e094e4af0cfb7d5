import type { Clock } from '@swarmway/runtime'
import { FRAME } from '../wire/frame-types.js'
import { encodePing } from '../wire/link-frames.js'

/** The pings of a link: sends them, answers the other side's, and measures the round trip. */
export class Pings {
  /** Round trip of the last answered ping; -1 before the first. */
  rttMs = -1
  readonly #clock: Clock
  readonly #send: (frame: Uint8Array) => void
  #lastId = 0
  #sentAtMs = 0
  /** The ping of the other side that is still to be answered; -1 for none. */
  #owedId = -1

  constructor(clock: Clock, send: (frame: Uint8Array) => void) {
    this.#clock = clock
    this.#send = send
  }

  /** Sends a ping. An answer to an earlier one no longer counts. */
  ask(): void {
    this.#lastId = (this.#lastId + 1) >>> 0
    this.#sentAtMs = this.#clock.now()
    this.#send(encodePing(FRAME.PING, this.#lastId))
  }

  /** Only the last ping is answered after the duplex was stalled, so that pings cannot pile up pongs. */
  onPing(id: number, isWritable: boolean): void {
    if (isWritable) this.#send(encodePing(FRAME.PONG, id))
    else this.#owedId = id
  }

  /** Returns whether it answers the last ping. */
  onPong(id: number): boolean {
    if (id !== this.#lastId) return false
    this.rttMs = this.#clock.now() - this.#sentAtMs
    return true
  }

  onDrain(): void {
    if (this.#owedId >= 0) this.#send(encodePing(FRAME.PONG, this.#owedId))
    this.#owedId = -1
  }
}
