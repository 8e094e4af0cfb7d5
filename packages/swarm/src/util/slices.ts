import type { Clock } from '@swarmway/runtime'

/** Milliseconds of work after which everything else gets a turn. */
const SLICE_MS = 10

/** Cuts work on many items into slices, so that it does not hold up the rest of the program. */
export class Slices {
  readonly #clock: Clock
  #workedMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Works on each item. A few are done at once, before this returns. Between two slices anything may happen. */
  async each<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
    let beganMs = this.#clock.now()
    for (const item of items) {
      work(item)
      if (this.#workedMs + this.#clock.now() - beganMs < SLICE_MS) continue
      await this.#pause()
      this.#workedMs = 0
      beganMs = this.#clock.now()
    }
    this.#workedMs += this.#clock.now() - beganMs
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#clock.setTimeout(resolve, 0))
  }
}
