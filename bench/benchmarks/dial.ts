import type { Benchmark, Outcome } from '../lib/benchmark.ts'
import { realAddress, shownAddress, whyUnavailable } from '../lib/delayed-net.ts'
import type { Address } from '../lib/modules.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'
import { randomTopic, SYSTEMS, type System } from '../lib/swarms.ts'
import { Worker, withWorkers } from '../lib/worker.ts'
import type { CrowdParams } from '../workers/crowd.ts'
import type { DiallerParams } from '../workers/dialler.ts'

const DHT_NODES = 24
const WINDOW_MS = 15_000
const RTT_MS = 50
/** Compared at this part of the peers as well: one straggler, or one that a lookup missed, says nothing about speed. */
const MOST = 0.9

/** (c) One peer that dials all peers of a topic, without and with a round-trip time. */
export const dial: Benchmark = {
  name: 'dial',
  title: 'One peer dials all peers of a topic',
  async run(options) {
    const peers = options.isQuick ? 12 : 60
    const rounds = options.rounds ?? (options.isQuick ? 1 : 5)
    const near = await alternate(SYSTEMS, rounds, options, (system) => round(system, peers, 0))
    const reason = await whyUnavailable()
    if (reason !== null) options.log(`skipped at ${RTT_MS} ms: ${reason}`)
    const far =
      reason === null ? await alternate(SYSTEMS, rounds, options, (system) => round(system, peers, RTT_MS)) : {}
    return toOutcome({ ...near, ...far }, peers, reason)
  }
}

async function round(system: System, peers: number, rttMs: number) {
  const topic = Buffer.from(randomTopic()).toString('hex')
  const hosts = DHT_NODES + peers + 1
  const at = (index: number): Partial<Address> => (rttMs === 0 ? {} : realAddress(index))
  const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => at(from + index))
  const [crowd, dialler, delay] = [new Worker('crowd'), new Worker('dialler'), new Worker('delay')]
  const times = await withWorkers([crowd, dialler, delay], async () => {
    if (rttMs > 0) await delay.call('start', { hosts, rttMs })
    const shown = rttMs > 0 ? [shownAddress(1)] : []
    const params: CrowdParams = {
      system,
      topic,
      bootstrap: shown,
      nodes: range(1, DHT_NODES),
      peers: range(1 + DHT_NODES, peers)
    }
    const bootstrap = await crowd.call<Address[]>('start', params)
    const place = at(hosts)
    return dialler.call<number[]>('run', {
      system,
      topic,
      bootstrap,
      place,
      peers,
      windowMs: WINDOW_MS
    } satisfies DiallerParams)
  })
  return toFigures(times, peers, rttMs)
}

function toFigures(times: number[], peers: number, rttMs: number) {
  const where = label(rttMs)
  const at = (count: number) => (times[count - 1] ?? Number.POSITIVE_INFINITY) / 1000
  return {
    [`${where}: first`]: at(1),
    [`${where}: ${Math.floor(peers * MOST)} of ${peers}`]: at(Math.floor(peers * MOST)),
    [`${where}: all ${peers}`]: at(peers),
    [`${where}: connected after ${WINDOW_MS / 1000} s`]: times.length
  }
}

function label(rttMs: number): string {
  return rttMs === 0 ? 'loopback' : `${rttMs} ms round trip`
}

function toOutcome(samples: Samples, peers: number, skipped: string | null): Outcome {
  const measures = Object.entries(samples).map(([name, bySystem]) => ({
    name,
    unit: name.includes('connected') ? '' : 's',
    samples: bySystem
  }))
  const targets = [target(samples, peers, 0, 1, 'no slower than hyperswarm on loopback')]
  if (skipped === null) {
    targets.push(target(samples, peers, RTT_MS, 0.7, `at most 0.7 times hyperswarm's time at ${RTT_MS} ms`))
  }
  const notes = [
    `${peers} peers of the same system wait on the topic in another process; the dialler joins as a client only.`,
    `"never" means not within ${WINDOW_MS / 1000} s. The ratios are of the medians at ${Math.floor(peers * MOST)} of ${peers}.`
  ]
  notes.push(
    skipped === null ? 'The round trip is made by bench/lib/delayed-net.ts.' : `No ${RTT_MS} ms rows: ${skipped}.`
  )
  return { measures, targets, notes }
}

function target(samples: Samples, peers: number, rttMs: number, mostRatio: number, text: string) {
  const bySystem = samples[`${label(rttMs)}: ${Math.floor(peers * MOST)} of ${peers}`] ?? {}
  const ratio = median(bySystem['swarmway'] ?? []) / median(bySystem['hyperswarm'] ?? [])
  return { text, isReached: ratio <= mostRatio, found: `${figure(ratio)} times` }
}
