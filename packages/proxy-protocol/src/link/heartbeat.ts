import type { Clock } from '@swarmway/runtime'
import { unref } from '../util/timers.js'

/**
 * Notices a black hole. Each check asks whether anything arrived since the previous one. Checks are counted instead
 * of comparing times, so that a machine that slept wakes up with its full number of misses left.
 */
export class Heartbeat {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #misses: number
  readonly #onSilence: (isDead: boolean) => void
  #timer: unknown = null
  #missed = -1

  /**
   * Starts at once. Calls `onSilence` after every check that found nothing new: the caller should ping the other side
   * or, after `misses` such checks, consider it dead.
   */
  constructor(clock: Clock, intervalMs: number, misses: number, onSilence: (isDead: boolean) => void) {
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#misses = misses
    this.#onSilence = onSilence
    this.#arm()
  }

  /** Bytes arrived. */
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
