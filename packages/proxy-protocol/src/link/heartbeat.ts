import type { Clock } from '@swarmway/runtime'
import { unref } from '../util/timers.js'

/**
 * Notices a black hole. At every look it checks whether anything arrived since the one before; it counts looks
 * instead of comparing times, so that a machine that slept wakes up with all its chances.
 */
export class Heartbeat {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #misses: number
  readonly #onSilence: (isDead: boolean) => void
  #timer: unknown = null
  #missed = -1

  /**
   * Starts at once. `onSilence` hears of every look that found nothing new: the other side is to be asked for a sign of
   * life, or, after `misses` of them, it is dead.
   */
  constructor(clock: Clock, intervalMs: number, misses: number, onSilence: (isDead: boolean) => void) {
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#misses = misses
    this.#onSilence = onSilence
    this.#arm()
  }

  /** Something arrived. */
  touch(): void {
    this.#missed = -1
  }

  /** Stops for good. */
  stop(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #arm(): void {
    this.#timer = unref(this.#clock.setTimeout(() => this.#look(), this.#intervalMs))
  }

  #look(): void {
    this.#missed++
    this.#timer = null
    if (this.#missed >= this.#misses) {
      this.#onSilence(true)
    } else {
      this.#arm()
      if (this.#missed > 0) this.#onSilence(false)
    }
  }
}
