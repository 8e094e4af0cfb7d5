import type { Clock, MonotonicMs } from './clock.js'

/** A token bucket: `perSecond` events a second, in bursts of up to its capacity. */
export class RateLimit {
  /** Events per second. */
  readonly perSecond: number
  readonly #clock: Clock
  readonly #capacity: number
  #tokens: number
  #filledAt: MonotonicMs

  /**
   * `capacity` is the most events at once; default: one second's worth. Starts with `fill` of it, a number up to 1;
   * default 1: full.
   */
  constructor(perSecond: number, clock: Clock, capacity: number = perSecond, fill = 1) {
    this.perSecond = perSecond
    this.#clock = clock
    this.#capacity = capacity
    this.#tokens = capacity * fill
    this.#filledAt = clock.now()
  }

  /** How full the bucket is, 1 at most; below 0 with a debt. */
  get fill(): number {
    this.#refill()
    return this.#tokens / this.#capacity
  }

  /** Whether one event would be allowed now. */
  get isOpen(): boolean {
    this.#refill()
    return this.#tokens >= 1
  }

  /** Counts one event, or one that costs `cost`; false if it exceeds the limit. An expensive event may leave a debt. */
  take(cost = 1): boolean {
    if (!this.isOpen) return false
    this.#tokens -= cost
    return true
  }

  /** Counts what has happened already, whether or not it was allowed. The debt is at most what the bucket holds. */
  charge(cost: number): void {
    this.#refill()
    this.#tokens = Math.max(-this.#capacity, this.#tokens - cost)
  }

  #refill(): void {
    const now = this.#clock.now()
    this.#tokens = Math.min(this.#capacity, this.#tokens + ((now - this.#filledAt) * this.perSecond) / 1000)
    this.#filledAt = now
  }
}
