import { type Clock, type MonotonicMs, monotonicMs } from '@swarmway/runtime'

/** The time of the next try. */
export class NextTry {
  readonly #clock: Clock
  readonly #run: (isEarly: boolean) => void
  #timer: unknown = null
  #dueMs: MonotonicMs | null = null

  /** Calls `run` when the time has come, with what was given to `set`. */
  constructor(clock: Clock, run: (isEarly: boolean) => void) {
    this.#clock = clock
    this.#run = run
  }

  /** Milliseconds that are left; null if no try is to come. */
  get leftMs(): number | null {
    return this.#dueMs === null ? null : Math.max(0, this.#dueMs - this.#clock.now())
  }

  /** Replaces the time that was set before. */
  set(waitMs: number, isEarly: boolean): void {
    this.clear()
    this.#dueMs = monotonicMs(this.#clock.now() + waitMs)
    this.#timer = this.#clock.setTimeout(() => {
      this.#dueMs = null
      this.#run(isEarly)
    }, waitMs)
  }

  /** Brings the next try forward. */
  hasten(waitMs: number): void {
    if (this.leftMs === null || waitMs < this.leftMs) this.set(waitMs, true)
  }

  clear(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#dueMs = null
  }
}
