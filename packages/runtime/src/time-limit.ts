import type { Clock } from './clock.js'

/** Waits for `work`, but at most `limitMs`. Resolves to whether it ended in time, whatever came of it. Never rejects. */
export function endsWithin(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => resolve(false), limitMs)
    const end = () => {
      clock.clearTimeout(timer)
      resolve(true)
    }
    work.then(end, end)
  })
}
