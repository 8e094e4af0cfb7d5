/** Range of a {@link backoffMs}. */
export interface BackoffRange {
  /** Milliseconds of the first wait, at most. */
  readonly firstMs: number
  /** Milliseconds of any wait, at most. */
  readonly maxMs: number
  /** A random number from 0 to 1. Default: `Math.random`. */
  readonly random?: () => number
}

/**
 * Milliseconds to wait after so many failures in a row, not counting the first: doubled with each, up to a ceiling. Half of
 * the wait is random, so that those who have failed together do not come back together.
 */
export function backoffMs(failures: number, { firstMs, maxMs, random = Math.random }: BackoffRange): number {
  return Math.min(firstMs * 2 ** failures, maxMs) * (0.5 + random() / 2)
}
