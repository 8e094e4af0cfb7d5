import type { Clock } from '@swarmway/proxy-protocol'

/** Times that a server describes itself in a lease. */
const TIMES_PER_LEASE = 3.5
const SWEEP_MS = 1000
/** Milliseconds between two choices of the keys that are told on crowded topics. */
const ROTATE_MS = 60_000
/** Milliseconds after which a broker that is back is asked for everything, at most: not all servers at the same moment. */
const FIRST_ASK_MS = 2000
/** Milliseconds between two questions for everything, which find what was lost on the way. */
const ASK_MS = 300_000

/** What a server does now and then while the broker answers. */
export interface Beats {
  describe(): void
  sweep(): void
  rotate(): void
  askAll(): void
}

/** Does things at intervals, a tenth of which is random, so that servers do not keep time with each other. */
export class Rhythm {
  readonly #clock: Clock
  readonly #leaseMs: number
  readonly #beats: Beats
  readonly #timers = new Set<unknown>()
  #hasStarted = false

  constructor(clock: Clock, leaseMs: number, beats: Beats) {
    this.#clock = clock
    this.#leaseMs = leaseMs
    this.#beats = beats
  }

  /** The broker answers. After an outage, everything is asked for soon. */
  start(): void {
    this.stop()
    this.#repeat(() => this.#beats.describe(), this.#leaseMs / TIMES_PER_LEASE)
    this.#repeat(() => this.#beats.sweep(), Math.min(SWEEP_MS, this.#leaseMs / TIMES_PER_LEASE))
    this.#repeat(() => this.#beats.rotate(), ROTATE_MS)
    this.#repeat(() => this.#beats.askAll(), ASK_MS)
    if (this.#hasStarted) this.#in(Math.random() * FIRST_ASK_MS, () => this.#beats.askAll())
    this.#hasStarted = true
  }

  stop(): void {
    for (const timer of this.#timers) this.#clock.clearTimeout(timer)
    this.#timers.clear()
  }

  #repeat(beat: () => void, intervalMs: number): void {
    this.#in(intervalMs * (0.9 + Math.random() / 10), () => {
      this.#repeat(beat, intervalMs)
      beat()
    })
  }

  #in(delayMs: number, run: () => void): void {
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, delayMs)
    this.#timers.add(timer)
  }
}
