/** Troubles of the DHT: seconds until two peers of a topic have data in both directions. */
import { setTimeout as sleep } from 'node:timers/promises'
import { nowMs } from '../lab/now.ts'
import { sharedRecoveryTest } from '../support/recovery.ts'

const DOWN_MS = 30_000
/** How long a first announce may take. */
const FLUSH_MS = 20_000

sharedRecoveryTest({
  name: 'both joined while the DHT was down, which comes back after 30 s',
  durationMs: DOWN_MS,
  happen: async ({ dht }, pairs) => {
    await dht.setDark(true)
    await Promise.all(pairs.flatMap(({ steady, troubled }) => [steady.join(), troubled.join()]))
    await sleep(DOWN_MS)
    await dht.setDark(false)
    const backMs = nowMs()
    return pairs.map(() => backMs)
  }
})

sharedRecoveryTest({
  name: 'newcomer joins right after half of the DHT was replaced',
  happen: async ({ dht }, pairs) => {
    await Promise.all(pairs.map(({ steady }) => steady.join({ flushMs: FLUSH_MS })))
    await dht.replaceHalf()
    return Promise.all(pairs.map(({ troubled }) => troubled.join()))
  }
})
