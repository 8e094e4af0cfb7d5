/** The shortest round trip to reckon with: a busy event loop reads this much later, however near the sender is. */
const MIN_ROUND_TRIP_MS = 25

/** Tells the time of a {@link FittedWindow}; a `Clock` does. */
export interface Timepiece {
  /** Milliseconds; monotonic. */
  now(): number
}

/** Settings of a {@link FittedWindow}. */
export interface FittedWindowOptions {
  /** Size at the start. */
  readonly minBytes: number
  readonly maxBytes: number
}

/**
 * The size of a receive window that fits its path. It doubles whenever half of it was read within a round trip, because
 * then more could have been on its way. So it never holds back a sender whose reader keeps up, and a reader that was
 * always slow has a small one.
 */
export class FittedWindow {
  /** The size at the moment. It never shrinks. */
  sizeBytes: number
  readonly #options: FittedWindowOptions
  readonly #clock: Timepiece
  #readBytes = 0
  #sinceMs: number

  constructor(options: FittedWindowOptions, clock: Timepiece) {
    this.#options = options
    this.#clock = clock
    this.sizeBytes = options.minBytes
    this.#sinceMs = clock.now()
  }

  /** The reader took bytes; `roundTripMs` is that of the path. */
  onRead(bytes: number, roundTripMs: number): void {
    this.#readBytes += bytes
    if (this.#readBytes * 2 < this.sizeBytes) return
    const nowMs = this.#clock.now()
    const elapsedMs = nowMs - this.#sinceMs
    if (elapsedMs <= Math.max(roundTripMs, MIN_ROUND_TRIP_MS))
      this.sizeBytes = Math.min(this.sizeBytes * 2, this.#options.maxBytes)
    this.#readBytes = 0
    this.#sinceMs = nowMs
  }
}
