import type { Clock, MonotonicMs } from './clock.js'

/** A token bucket: `perSecond` events a second, and so many at once as it holds. */
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

  /** Counts one event, or one that costs as much as `cost`; false if it is one too many. A dear one may leave a debt. */
  take(cost = 1): boolean {
    const now = this.#clock.now()
    this.#tokens = Math.min(this.#capacity, this.#tokens + ((now - this.#filledAt) * this.perSecond) / 1000)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens -= cost
    return true
  }
}
