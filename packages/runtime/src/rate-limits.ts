import type { Clock } from './clock.js'
import { RateLimit } from './rate-limit.js'

/** What each key may do. */
export interface RateLimitsOptions {
  /** Events a second. */
  readonly perSecond: number
  /** The most events at once. */
  readonly capacity: number
  /** Keys that are remembered. The one that took longest ago is forgotten first. */
  readonly maxKeys: number
}

/** A {@link RateLimit} for each key, such as the address of a sender. */
export class RateLimits {
  readonly #options: RateLimitsOptions
  readonly #clock: Clock
  /** The one that took last is the last. */
  readonly #rates = new Map<string, RateLimit>()

  constructor(clock: Clock, options: RateLimitsOptions) {
    this.#clock = clock
    this.#options = options
  }

  /** Counts one event; false if it exceeds the limit of its key. */
  take(key: string): boolean {
    const { capacity, maxKeys, perSecond } = this.#options
    const rate = this.#rates.get(key) ?? new RateLimit(perSecond, this.#clock, capacity)
    this.#rates.delete(key)
    this.#rates.set(key, rate)
    const [oldest] = this.#rates.size > maxKeys ? this.#rates.keys() : []
    if (oldest !== undefined) this.#rates.delete(oldest)
    return rate.take()
  }
}
