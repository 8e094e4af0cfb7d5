import type { Clock } from './clock.js'

/** A token bucket: `perSecond` events a second, and one second's worth at once. */
export class RateLimit {
  /** Events per second. */
  readonly perSecond: number
  readonly #clock: Clock
  #tokens: number
  #at: number

  /** Starts full. */
  constructor(perSecond: number, clock: Clock) {
    this.perSecond = perSecond
    this.#clock = clock
    this.#tokens = perSecond
    this.#at = clock.now()
  }

  /** Counts one event; false if it is one too many. */
  take(): boolean {
    const now = this.#clock.now()
    this.#tokens = Math.min(this.perSecond, this.#tokens + ((now - this.#at) * this.perSecond) / 1000)
    this.#at = now
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
