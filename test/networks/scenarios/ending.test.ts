/** Ending and sleeping without a network: what is announced cannot be withdrawn, and that must not take for ever. */
import { test } from 'vitest'
import type { Figures } from '../../../bench/lib/rounds.ts'
import type { NetworkSystem } from '../agents/swarms.ts'
import type { TopicsParams } from '../agents/topics.ts'
import { DhtNetwork } from '../lab/dht.ts'
import { type Lab, withLab } from '../lab/lab.ts'
import { expectAtMost, recordRounds } from '../support/measures.ts'
import { includes } from '../support/settings.ts'
import { TURN_LIMIT_MS, withTurn } from '../support/turns.ts'

const SYSTEMS = ['swarmway', 'hyperswarm'] as const
const TOPICS = 300
/** Of a busy machine. The limits are 2 and 5 s. */
const CEILING_S = 15
const NAME = `${TOPICS} topics, and the DHT is gone`

test.skipIf(!includes('normal'))(NAME, { timeout: 600_000 + TURN_LIMIT_MS }, async (context) => {
  const round = (system: NetworkSystem) => withLab((lab) => measure(lab, system))
  const samples = await withTurn('waiting', () => recordRounds(context, NAME, SYSTEMS, round, 1))
  for (const bySystem of Object.values(samples)) expectAtMost(bySystem, CEILING_S)
})

async function measure(lab: Lab, system: NetworkSystem): Promise<Figures> {
  const dht = await DhtNetwork.start(lab)
  const params: TopicsParams = { system, bootstrap: dht.bootstrap, count: TOPICS }
  const [sleeper, leaver] = await Promise.all(
    ['sleeper', 'leaver'].map(async (name) => lab.agent(await lab.host(name), 'topics'))
  )
  await Promise.all([sleeper?.call('join', params), leaver?.call('join', params)])
  await dht.setDark(true)
  const [suspended = Number.POSITIVE_INFINITY, destroyed = Number.POSITIVE_INFINITY] = await Promise.all([
    sleeper?.call<number>('end', 'suspend'),
    leaver?.call<number>('end', 'destroy')
  ])
  return { 'suspended, s': suspended, 'destroyed, s': destroyed }
}
