const FIRST_MS = 500
const LONGEST_MS = 30_000
/** Who has lived this long was well. */
const WELL_MS = 60_000

/** How long to wait before a worker is replaced, so that a fault at each start makes no storm. */
export class Backoff {
  #delayMs = FIRST_MS

  /** Milliseconds to wait after one that has lived this long; doubled with each that dies young, up to 30 s. */
  next(livedMs: number): number {
    if (livedMs >= WELL_MS) this.#delayMs = FIRST_MS
    const delayMs = this.#delayMs
    this.#delayMs = Math.min(this.#delayMs * 2, LONGEST_MS)
    return delayMs
  }
}
