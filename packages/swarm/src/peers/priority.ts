/** Dial priorities, higher first. Those up to `explicit` are hyperswarm's. */
export const PRIORITY = { veryLow: 0, low: 1, normal: 2, high: 3, veryHigh: 4, explicit: 5 } as const
export const PRIORITY_COUNT = 6

/** A peer that just lost a good connection goes first; one that keeps failing goes last. */
export function priorityAfter(attempts: number, proven: boolean): number {
  if (attempts === 0) return PRIORITY.normal
  if (!proven || attempts > 3) return PRIORITY.veryLow
  if (attempts === 3) return PRIORITY.low
  return attempts === 2 ? PRIORITY.high : PRIORITY.veryHigh
}
