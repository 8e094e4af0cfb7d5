/** Outages of one peer behind a NAT: seconds from when the path is back until data flows again, both ways. */
import { setTimeout as sleep } from 'node:timers/promises'
import { nowMs } from '../lab/now.ts'
import { darkFor, recoveryTest, stoppedFor } from '../support/recovery.ts'
import { IS_QUICK } from '../support/settings.ts'

const EVERYBODY = ['swarmway', 'proxied', 'hyperswarm'] as const
const SHORT_MS = 5000
const LONG_MS = 60_000
const STOPPED_MS = 30_000
/** Long enough for several dials to fail. */
const GONE_MS = 35_000
/** How long peers are without a network at their start. */
const OFFLINE_MS = IS_QUICK ? 10_000 : 30_000

recoveryTest({
  name: 'dark for 5 s',
  systems: EVERYBODY,
  extent: 'quick',
  durationMs: SHORT_MS,
  happen: (pair) => darkFor(pair, SHORT_MS)
})

recoveryTest({
  name: 'dark for 60 s',
  systems: EVERYBODY,
  durationMs: LONG_MS,
  happen: (pair) => darkFor(pair, LONG_MS)
})

recoveryTest({
  name: `both started without a network, which comes after ${OFFLINE_MS / 1000} s`,
  extent: 'quick',
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

recoveryTest({
  name: 'process killed and started again with its key',
  systems: EVERYBODY,
  extent: 'quick',
  happen: ({ troubled }) => troubled.restart()
})

recoveryTest({
  name: 'process killed and started again with its key, at a peer that cannot be dialled',
  isSteadyClientOnly: true,
  happen: ({ troubled }) => troubled.restart()
})

recoveryTest({
  name: `process killed, and started again with its key after ${GONE_MS / 1000} s, at a peer that cannot be dialled`,
  isSteadyClientOnly: true,
  durationMs: GONE_MS,
  happen: ({ troubled }) => troubled.restart({ afterMs: GONE_MS })
})

recoveryTest({
  name: 'process stopped for 30 s',
  systems: EVERYBODY,
  durationMs: STOPPED_MS,
  happen: (pair) => stoppedFor(pair, STOPPED_MS)
})
