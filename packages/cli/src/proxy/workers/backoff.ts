const FIRST_MS = 500
const LONGEST_MS = 30_000
/** A worker that has lived this long was healthy. */
const WELL_MS = 60_000

/** Delays the replacement of workers, so that a fault at startup does not cause a restart storm. */
export class Backoff {
  #delayMs = FIRST_MS

  /** Milliseconds to wait after a worker that lived this long; doubled with each that dies young, up to 30 s. */
  next(livedMs: number): number {
    if (livedMs >= WELL_MS) this.#delayMs = FIRST_MS
    const delayMs = this.#delayMs
    this.#delayMs = Math.min(this.#delayMs * 2, LONGEST_MS)
    return delayMs
  }
}
