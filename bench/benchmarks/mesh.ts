import type { Benchmark, Outcome } from '../lib/benchmark.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Samples } from '../lib/rounds.ts'
import { SYSTEMS, type System } from '../lib/swarms.ts'
import { Worker, withWorkers } from '../lib/worker.ts'
import type { MeshParams, MeshResult } from '../workers/mesh.ts'

const WINDOW_MS = 15_000
const TARGET_S = 8

/** (a) 32 peers that join one topic at the same moment. */
export const mesh: Benchmark = {
  name: 'mesh',
  title: 'Many peers that join one topic at the same moment',
  async run(options) {
    const peers = options.isQuick ? 8 : 32
    const rounds = options.rounds ?? (options.isQuick ? 1 : 3)
    const samples = await alternate(SYSTEMS, rounds, options, (system) => round(system, peers))
    return toOutcome(samples, peers)
  }
}

async function round(system: System, peers: number) {
  const worker = new Worker('mesh')
  const params: MeshParams = { system, peers, dhtNodes: 8, windowMs: WINDOW_MS }
  const result = await withWorkers([worker], () => worker.call<MeshResult>('run', params))
  return {
    'full mesh': (result.fullMs ?? Number.POSITIVE_INFINITY) / 1000,
    'pairs found': result.pairs,
    'connected at the end': result.connectedAtEnd,
    'connection events': result.events
  }
}

function toOutcome(samples: Samples, peers: number): Outcome {
  const wanted = peers * (peers - 1)
  const units: Record<string, string> = { 'full mesh': 's' }
  const measures = Object.entries(samples).map(([name, bySystem]) => ({
    name,
    unit: units[name] ?? '',
    samples: bySystem
  }))
  const slowest = Math.max(...(samples['full mesh']?.['swarmway'] ?? []))
  const fewest = Math.min(...(samples['connected at the end']?.['swarmway'] ?? []))
  const most = Math.max(...(samples['connection events']?.['swarmway'] ?? []))
  return {
    measures,
    targets: [
      {
        text: `all ${wanted} ordered pairs within ${TARGET_S} s`,
        isReached: slowest <= TARGET_S,
        found: `${figure(slowest)} s in the slowest round`
      },
      {
        text: 'none missing after that',
        isReached: fewest === wanted,
        found: `${fewest} of ${wanted} connected after 15 s`
      },
      { text: 'one connection event per pair and side', isReached: most === wanted, found: `${most} events` }
    ],
    notes: [
      `${peers} swarms in one process, each on a DHT node of its own, join in the same tick and are watched for 15 s.`,
      'A pair is ordered: A sees B and B sees A are two. "never" means not within the 15 s.'
    ]
  }
}
