import type { Benchmark, Measure, Outcome } from '../lib/benchmark.ts'
import { type CrowdPlan, type Moment, simulateCrowd } from '../simulation/crowd.ts'

const PLAN: CrowdPlan = { count: 10_000, spreadMs: 30_000, latencyMs: 50, maxClientConnections: 10 }
const QUICK: CrowdPlan = { ...PLAN, count: 300, spreadMs: 10_000 }
const AT_SECONDS = [5, 15, 30, 45]

/** What no machine here can run: a crowd of 10,000, with the real dialer and scheduler on a network in memory. */
export const simulation: Benchmark = {
  name: 'simulation',
  title: 'A crowd of 10,000 peers on one topic, simulated',
  async run({ isQuick, log }) {
    const plan = isQuick ? QUICK : PLAN
    const moments = await simulateCrowd(plan, AT_SECONDS, (moment) => log(JSON.stringify(moment)))
    return toOutcome(plan, moments)
  }
}

function toOutcome(plan: CrowdPlan, moments: readonly Moment[]): Outcome {
  const last = moments.at(-1)
  return {
    measures: rows(moments),
    targets: [
      { text: 'one component', isReached: last?.components === 1, found: `${last?.components}` },
      { text: 'at least 10 connections each', isReached: (last?.minDegree ?? 0) >= 10, found: `${last?.minDegree}` }
    ],
    notes: [
      `${plan.count} swarms join within ${plan.spreadMs / 1000} s, each with \`maxClientConnections\` ${plan.maxClientConnections}, and a scheduler and dial windows of its own, as in a process of its own.`,
      'A lookup names up to 400 peers at random, 20 from each of 20 nodes; a later one asks 5 nodes.',
      `Every step of a message takes ${plan.latencyMs} ms; nothing is lost, and handshakes and their blocks are real.`
    ]
  }
}

/** A column for each moment. */
function rows(moments: readonly Moment[]): Measure[] {
  const names = Object.keys(moments[0] ?? {}) as (keyof Moment)[]
  return names
    .filter((name) => name !== 'seconds')
    .map((name) => ({
      name: LABELS[name],
      unit: '',
      samples: Object.fromEntries(moments.map((moment) => [`after ${moment.seconds} s`, [moment[name]]]))
    }))
}

const LABELS: Readonly<Record<keyof Moment, string>> = {
  seconds: 'time',
  joined: 'joined',
  components: 'components',
  minDegree: 'fewest connections',
  meanDegree: 'connections, mean',
  maxDegree: 'most connections',
  dials: 'dials so far',
  opened: 'dials that opened',
  full: 'dials to full peers',
  queries: 'queries so far'
}
