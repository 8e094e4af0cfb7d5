import { type Clock, unref } from './clock.js'

/** What a heartbeat wants done. */
export interface HeartbeatActions {
  /** Nothing new since the last look: ask the other side for a sign of life. */
  ask(): void
  /** Nothing new for too many looks. */
  dead(): void
}

/**
 * Notices a black hole. At every look it checks whether anything arrived since the one before; it counts looks
 * instead of comparing times, so that a machine that slept wakes up with all its chances.
 */
export class Heartbeat {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #misses: number
  readonly #actions: HeartbeatActions
  #timer: unknown = null
  #missed = -1

  /** Starts at once. */
  constructor(clock: Clock, intervalMs: number, misses: number, actions: HeartbeatActions) {
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#misses = misses
    this.#actions = actions
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
      this.#actions.dead()
    } else {
      this.#arm()
      if (this.#missed > 0) this.#actions.ask()
    }
  }
}
