/** Troubles of a proxy server: seconds until data flows between its client and a native peer, both ways. */
import { setTimeout as sleep } from 'node:timers/promises'
import { nowMs } from '../lab/now.ts'
import { connect, type Pair } from '../support/pair.ts'
import { type Ground, sharedRecoveryTest } from '../support/recovery.ts'

const SYSTEMS = ['proxied'] as const
const DOWN_MS = 30_000
/** How long a first announce may take. */
const FLUSH_MS = 20_000

sharedRecoveryTest({
  name: 'proxy server dark for 30 s',
  systems: SYSTEMS,
  durationMs: DOWN_MS,
  happen: async (ground, pairs) => {
    await Promise.all(pairs.map(connect))
    await setProxyDark(ground, true)
    await sleep(DOWN_MS)
    await setProxyDark(ground, false)
    return allSince(pairs, nowMs())
  }
})

sharedRecoveryTest({
  name: 'client joins while its proxy server has no DHT, which comes back after 30 s',
  systems: SYSTEMS,
  durationMs: DOWN_MS,
  happen: async ({ dht }, pairs) => {
    await Promise.all(pairs.map(({ steady }) => steady.join({ flushMs: FLUSH_MS })))
    await dht.setDark(true)
    await Promise.all(pairs.map(({ troubled }) => troubled.join()))
    await sleep(DOWN_MS)
    await dht.setDark(false)
    return allSince(pairs, nowMs())
  }
})

async function setProxyDark({ lab, proxy }: Ground, isDark: boolean): Promise<void> {
  if (proxy !== null) await lab.setDark(proxy.host, isDark)
}

function allSince(pairs: readonly Pair[], sinceMs: number): number[] {
  return pairs.map(() => sinceMs)
}
