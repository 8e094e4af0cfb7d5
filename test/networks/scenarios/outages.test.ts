/** Outages of one peer behind a NAT: seconds from when the path is back until data flows again, both ways. */
import { setTimeout as sleep } from 'node:timers/promises'
import { nowMs } from '../lab/now.ts'
import { darkFor, recoveryTest, stoppedFor } from '../support/recovery.ts'
import { IS_QUICK } from '../support/settings.ts'

const SHORT_MS = 5000
const LONG_MS = 60_000
/** How long peers are without a network at their start. */
const OFFLINE_MS = IS_QUICK ? 10_000 : 30_000

recoveryTest({ name: 'dark for 5 s', durationMs: SHORT_MS, happen: (pair) => darkFor(pair, SHORT_MS) })

if (!IS_QUICK) recoveryTest({ name: 'dark for 60 s', durationMs: LONG_MS, happen: (pair) => darkFor(pair, LONG_MS) })

recoveryTest({
  name: `both started without a network, which comes after ${OFFLINE_MS / 1000} s`,
  isConnectedBefore: false,
  durationMs: OFFLINE_MS,
  happen: async ({ steady, troubled }) => {
    await Promise.all([steady.setDark(true), troubled.setDark(true)])
    await Promise.all([steady.join(), troubled.join()])
    await sleep(OFFLINE_MS)
    await Promise.all([steady.setDark(false), troubled.setDark(false)])
    return nowMs()
  }
})

recoveryTest({ name: 'process killed and started again with its key', happen: ({ troubled }) => troubled.restart() })

if (!IS_QUICK) {
  const durationMs = 30_000
  recoveryTest({ name: 'process stopped for 30 s', durationMs, happen: (pair) => stoppedFor(pair, durationMs) })
}
