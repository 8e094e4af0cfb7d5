import type { MonotonicMs } from '@swarmway/runtime'

/** After a shrink, time-outs of dials that began before it say nothing new. */
const HOLD_MS = 1000

/** How many dials may be in progress, learnt from how they end: more when they are answered, half as many when one times out. */
export class AdaptiveWindow {
  readonly #least: number
  readonly #first: number
  #size: number
  #shrunkAt: MonotonicMs | null = null

  /** Begins with `size`, and never shrinks below `least`. */
  constructor(least: number, size: number) {
    this.#least = least
    this.#first = size
    this.#size = size
  }

  get size(): number {
    return Math.floor(this.#size)
  }

  /** What was learnt no longer holds: the path is another one. */
  restart(): void {
    this.#size = this.#first
    this.#shrunkAt = null
  }

  /** Begins with the least, unless something has been learnt already. */
  startSlowly(): void {
    if (this.#size === Number.POSITIVE_INFINITY) this.#size = this.#least
  }

  /** A dial was answered. The window grows by one, to at most `most`. */
  grow(most: number): void {
    if (this.#size === Number.POSITIVE_INFINITY) return
    this.#size = Math.min(this.#size + 1, Math.max(most, this.#least))
  }

  /** The same, but it takes a whole window of answers to grow by one, as in TCP's congestion avoidance. */
  growSlowly(): void {
    this.#size += 1 / this.#size
  }

  /** A dial timed out while `inProgress` were in progress. Halves at most once a second. */
  shrink(inProgress: number, nowMs: MonotonicMs): void {
    if (this.#shrunkAt !== null && nowMs - this.#shrunkAt < HOLD_MS) return
    this.#shrunkAt = nowMs
    this.#size = Math.max(this.#least, Math.floor(Math.min(this.#size, inProgress) / 2))
  }
}
