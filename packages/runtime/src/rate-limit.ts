import type { Clock, MonotonicMs } from './clock.js'

/** A token bucket: `perSecond` events a second, in bursts of up to its capacity. */
export class RateLimit {
  /** Events per second. */
  readonly perSecond: number
  readonly #clock: Clock
  readonly #capacity: number
  #tokens: number
  #filledAt: MonotonicMs

  /** Starts full. `capacity` is the most events at once; default: one second's worth. */
  constructor(perSecond: number, clock: Clock, capacity: number = perSecond) {
    this.perSecond = perSecond
    this.#clock = clock
    this.#capacity = capacity
    this.#tokens = capacity
    this.#filledAt = clock.now()
  }

  /** Counts one event, or one that costs `cost`; false if it exceeds the limit. An expensive event may leave a debt. */
  take(cost = 1): boolean {
    const now = this.#clock.now()
    this.#tokens = Math.min(this.#capacity, this.#tokens + ((now - this.#filledAt) * this.perSecond) / 1000)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens -= cost
    return true
  }
}
