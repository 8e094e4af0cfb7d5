import { unref } from '@swarmway/runtime'
import type { Clock, MonotonicMs } from '@swarmway/swarm/core'
import type { Snapshot, StatusSource } from '../figures/snapshot.js'

/** What a sampler needs. */
export interface SamplerOptions {
  readonly source: StatusSource
  readonly clock: Clock
  readonly intervalMs: number
  readonly onSnapshot: (takenAt: MonotonicMs, snapshot: Snapshot) => void
}

/** Requests snapshots from a source at an interval. It does not keep the process running. */
export class Sampler {
  readonly #options: SamplerOptions
  #timer: unknown = null
  #round = 0
  #isDestroyed = false

  constructor(options: SamplerOptions) {
    this.#options = options
    this.#begin()
  }

  /** Stops requesting; answers that still arrive are ignored. */
  destroy(): void {
    this.#isDestroyed = true
    this.#options.clock.clearTimeout(this.#timer)
  }

  #begin(): void {
    const round = ++this.#round
    // A later answer cannot be assigned to a point in time.
    this.#wait(2 * this.#options.intervalMs)
    this.#ask().then(
      (snapshot) => this.#onAnswer(round, snapshot),
      () => this.#onAnswer(round, null)
    )
  }

  async #ask(): Promise<Snapshot> {
    return this.#options.source.snapshot()
  }

  #onAnswer(round: number, snapshot: Snapshot | null): void {
    if (this.#isDestroyed || round !== this.#round) return
    const { clock, intervalMs, onSnapshot } = this.#options
    clock.clearTimeout(this.#timer)
    this.#wait(intervalMs)
    if (snapshot !== null) onSnapshot(clock.now(), snapshot)
  }

  #wait(delayMs: number): void {
    this.#timer = unref(this.#options.clock.setTimeout(() => this.#begin(), delayMs))
  }
}
