import { now } from '#monotonic'

/**
 * Milliseconds on a monotonic clock with an arbitrary starting point, for measuring durations. It never goes back, and
 * setting the time of day does not move it. The compiler accepts neither a plain number nor a date. {@link systemClock}
 * may stop while the machine sleeps: a minute on it then is a minute of being awake.
 */
export type MonotonicMs = number & { readonly __timescale: 'monotonic' }

/** Milliseconds since 1970 by the wall clock, like `Date.now`; for dates. It may jump in either direction. */
export type EpochMs = number & { readonly __timescale?: 'epoch' }

/** A source of elapsed time. Tests inject their own. */
export interface Clock {
  /** For durations only: deadlines, rates, temporary bans. */
  now(): MonotonicMs
  /** Calls back once, after `delayMs`; returns the handle for `clearTimeout`. */
  setTimeout(run: () => void, delayMs: number): unknown
  /** Cancels a timer. Cancelling one that has already fired is allowed. */
  clearTimeout(timer: unknown): void
}

/** Time of day. Tests inject their own. */
export interface WallClock {
  /** For dates only: when a membership ends, when something happened. */
  now(): EpochMs
}

/** Marks a number as a reading of a monotonic clock, for code that implements {@link Clock}. */
export function monotonicMs(ms: number): MonotonicMs {
  return ms as MonotonicMs
}

/** The monotonic clock of the platform. */
export const systemClock: Clock = {
  now: () => monotonicMs(now()),
  setTimeout: (run, delayMs) => setTimeout(run, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>)
}

/**
 * Stops a timer of a {@link Clock} from keeping the process alive, on platforms that support it, and returns it. For
 * housekeeping only (pings, acknowledgements), never for a timer that settles a caller's promise.
 */
export function unref<Timer>(timer: Timer): Timer {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function')
    timer.unref()
  return timer
}

/** The wall clock of the platform. */
export const systemWallClock: WallClock = { now: () => Date.now() }
