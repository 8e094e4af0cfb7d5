import type { Clock } from '@swarmway/swarm/core'

const BURST = 10
const RECOVERY_MS = 6000

/** Allows ten wrong tokens, and one more every six seconds, whoever they come from. */
export class Attempts {
  readonly #clock: Clock
  #left = BURST
  #countedAt: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#countedAt = clock.now()
  }

  /** Seconds until another token may be tried; 0: now. */
  get waitSeconds(): number {
    this.#recover()
    return this.#left >= 1 ? 0 : Math.ceil(((1 - this.#left) * RECOVERY_MS) / 1000)
  }

  /** A wrong one. */
  count(): void {
    this.#recover()
    this.#left -= 1
  }

  #recover(): void {
    const now = this.#clock.now()
    const recovered = Math.max(0, now - this.#countedAt) / RECOVERY_MS
    this.#left = Math.min(BURST, this.#left + recovered)
    this.#countedAt = now
  }
}
