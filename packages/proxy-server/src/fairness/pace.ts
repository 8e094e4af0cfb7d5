import type { Clock } from '@swarmway/runtime'

const SECOND_MS = 1000

/** Lets units of work begin at a rate, after a burst: what exceeds it waits. */
export class Pace {
  readonly #perSecond: number
  readonly #burstMs: number
  readonly #clock: Clock
  /** When all work so far has begun at the rate. */
  #paidMs = Number.NEGATIVE_INFINITY

  /** `burst` units may begin at once. */
  constructor(perSecond: number, burst: number, clock: Clock) {
    this.#perSecond = perSecond
    this.#burstMs = (burst / perSecond) * SECOND_MS
    this.#clock = clock
  }

  /** Resolves when this many more units may begin, or when the signal fires; returns whether it had to wait. */
  async take(units: number, signal: AbortSignal): Promise<boolean> {
    const nowMs = this.#clock.now()
    this.#paidMs = Math.max(this.#paidMs, nowMs - this.#burstMs) + (units / this.#perSecond) * SECOND_MS
    const waitMs = this.#paidMs - nowMs
    if (waitMs <= 0 || signal.aborted) return false
    await new Promise<void>((resolve) => {
      const timer = this.#clock.setTimeout(end, waitMs)
      const clock = this.#clock
      function end(): void {
        clock.clearTimeout(timer)
        signal.removeEventListener('abort', end)
        resolve()
      }
      signal.addEventListener('abort', end)
    })
    return true
  }
}
