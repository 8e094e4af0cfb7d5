/** Many peers on one topic, after each other, so that hyperswarm has a chance. Times are from the last join. */
import { test } from 'vitest'
import type { Shape } from '../../../bench/lib/graph.ts'
import type { Figures } from '../../../bench/lib/rounds.ts'
import type { NetworkSystem } from '../agents/swarms.ts'
import { DhtNetwork } from '../lab/dht.ts'
import { type Host, type Lab, withLab } from '../lab/lab.ts'
import { Crowd, type CrowdPlan } from '../support/crowd.ts'
import { expectAtMost, recordRounds } from '../support/measures.ts'
import { type Extent, includes, ROUNDS } from '../support/settings.ts'
import { TURN_LIMIT_MS, withTurn } from '../support/turns.ts'

const SYSTEMS = ['swarmway', 'hyperswarm'] as const
const GAP_MS = 60
const WINDOW_MS = 30_000
/** Of a busy machine. */
const CEILING_S = 40
const TEST_LIMIT_MS = 900_000
/** On loopback everything is in one process, which is soon busy. */
const ONE_PROCESS: Pick<CrowdPlan, 'bootstrap' | 'gapMs'> = { bootstrap: null, gapMs: GAP_MS }
/** A peer with this many neighbours is safe from being cut off. */
const SAFE_DEGREE = 10
const SMALL = 60
const LARGE = 150
/** More than one process can carry. */
const HUGE = 300
const HUGE_HOSTS = 6
/** The small crowd at a distance: swarms of one host reach each other without delay, so there are many hosts. */
const HOSTS = 12
/** One way, for a round trip of 50 ms. */
const DELAY_MS = 12.5

const isOne = ({ components, minDegree }: Shape): boolean => components === 1 && minDegree >= SAFE_DEGREE
const isMostlyConnected = ({ connectedPart }: Shape): boolean => connectedPart >= 0.9
const isComplete = ({ connectedPart }: Shape): boolean => connectedPart === 1

crowdTest(`${SMALL} peers in one process on loopback`, async (lab, system) => {
  const hosts = [await lab.host('crowd')]
  return smallCrowd(lab, hosts, { ...ONE_PROCESS, system, swarmsAHost: SMALL })
})

crowdTest(`${SMALL} peers on ${HOSTS} hosts, round trip 50 ms`, async (lab, system) => {
  const link = { delayMs: DELAY_MS }
  const { bootstrap } = await DhtNetwork.start(lab, { link })
  const hosts: Host[] = []
  while (hosts.length < HOSTS) hosts.push(await lab.host(`crowd${hosts.length}`, link))
  return smallCrowd(lab, hosts, { bootstrap, system, swarmsAHost: SMALL / HOSTS, gapMs: GAP_MS * HOSTS })
})

crowdTest(`${LARGE} peers in one process on loopback`, async (lab, system) => {
  const plan = { ...ONE_PROCESS, system, swarmsAHost: LARGE }
  return largeCrowd(lab, [await lab.host('crowd')], plan)
})

crowdTest(
  `${HUGE} peers in ${HUGE_HOSTS} processes`,
  async (lab, system) => {
    const { bootstrap } = await DhtNetwork.start(lab, { link: { delayMs: 0 } })
    const hosts: Host[] = []
    while (hosts.length < HUGE_HOSTS) hosts.push(await lab.host(`crowd${hosts.length}`))
    const plan = { bootstrap, system, swarmsAHost: HUGE / HUGE_HOSTS, gapMs: GAP_MS * HUGE_HOSTS }
    return largeCrowd(lab, hosts, plan)
  },
  { extent: 'full', rounds: 1 }
)

/** Waits the whole window, for the shape that it ends in. */
async function largeCrowd(lab: Lab, hosts: readonly Host[], plan: CrowdPlan): Promise<Figures> {
  const { crowd, joinedMs } = await Crowd.start(lab, hosts, plan)
  const { seconds, shape } = await crowd.watch(joinedMs, WINDOW_MS, [isOne, () => false])
  return {
    [`one component, each with ${SAFE_DEGREE} or more; s`]: seconds[0] ?? Number.POSITIVE_INFINITY,
    [`components after ${WINDOW_MS / 1000} s`]: shape.components,
    [`fewest connections after ${WINDOW_MS / 1000} s`]: shape.minDegree,
    'CPU, s': await crowd.cpuSeconds()
  }
}

async function smallCrowd(lab: Lab, hosts: readonly Host[], plan: CrowdPlan): Promise<Figures> {
  const { crowd, joinedMs } = await Crowd.start(lab, hosts, plan)
  const { seconds } = await crowd.watch(joinedMs, WINDOW_MS, [isMostlyConnected, isComplete])
  return {
    '90 % of all pairs, s': seconds[0] ?? Number.POSITIVE_INFINITY,
    'all pairs, s': seconds[1] ?? Number.POSITIVE_INFINITY,
    'CPU, s': await crowd.cpuSeconds()
  }
}

function crowdTest(
  name: string,
  run: (lab: Lab, system: NetworkSystem) => Promise<Figures>,
  { extent = 'normal', rounds = 2 }: { extent?: Extent; rounds?: number } = {}
): void {
  test.skipIf(!includes(extent))(name, { timeout: TEST_LIMIT_MS + TURN_LIMIT_MS }, async (context) => {
    const round = (system: NetworkSystem) => withLab((lab) => run(lab, system))
    const samples = await withTurn('busy', () => recordRounds(context, name, SYSTEMS, round, Math.min(rounds, ROUNDS)))
    for (const [measure, bySystem] of Object.entries(samples)) {
      if (measure.startsWith('components')) expectAtMost(bySystem, 2)
      if (measure.startsWith('90 %')) expectAtMost(bySystem, CEILING_S)
    }
  })
}
