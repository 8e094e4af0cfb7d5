/** Outages of many minutes, which run beside everything else because they mostly wait. */
import { darkFor, recoveryTest, stoppedFor } from '../support/recovery.ts'

const MINUTE_MS = 60_000
const DARK_MS = 10 * MINUTE_MS
const STOPPED_MS = 5 * MINUTE_MS

recoveryTest({
  name: 'dark for 10 min',
  extent: 'full',
  durationMs: DARK_MS,
  isBackground: true,
  happen: (pair) => darkFor(pair, DARK_MS)
})

recoveryTest({
  name: 'process stopped for 5 min',
  extent: 'full',
  durationMs: STOPPED_MS,
  isBackground: true,
  happen: (pair) => stoppedFor(pair, STOPPED_MS)
})
