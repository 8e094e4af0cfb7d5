/**
 * Milliseconds on a monotonic clock, from any starting point: what durations are measured with. It never goes back, and
 * setting the time of day does not move it. A plain number is not one, nor is a date. The clock of {@link systemClock}
 * may stand still while the machine sleeps: what is to last a minute then lasts a minute of being awake.
 */
export type MonotonicMs = number & { readonly __timescale: 'monotonic' }

/** Milliseconds since 1970 by the wall clock, as of `Date.now`: what names a date. It may jump, in both directions. */
export type EpochMs = number & { readonly __timescale?: 'epoch' }

/** Time as it passes. Tests inject their own. */
export interface Clock {
  /** For durations alone: deadlines, rates, bans with a time to live. */
  now(): MonotonicMs
  /** Calls back once, after `delayMs`; returns what `clearTimeout` wants. */
  setTimeout(run: () => void, delayMs: number): unknown
  /** Cancels; a timer that has fired is allowed. */
  clearTimeout(timer: unknown): void
}

/** Time of day. Tests inject their own. */
export interface WallClock {
  /** For dates alone: when a membership ends, when something happened. */
  now(): EpochMs
}

/** Marks a number as a reading of a monotonic clock, for code that implements {@link Clock}. */
export function monotonicMs(ms: number): MonotonicMs {
  return ms as MonotonicMs
}

/** Declared here, as neither DOM nor Node types may be assumed. */
const platform = globalThis as unknown as { readonly performance: { now(): number } }

/** The monotonic clock of the platform. */
export const systemClock: Clock = {
  now: () => monotonicMs(platform.performance.now()),
  setTimeout: (run, delayMs) => setTimeout(run, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>)
}

/** The wall clock of the platform. */
export const systemWallClock: WallClock = { now: () => Date.now() }
