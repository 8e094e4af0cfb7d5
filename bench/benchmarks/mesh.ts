import type { Benchmark, Outcome, RunOptions } from '../lib/benchmark.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Figures, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'
import { SYSTEMS, type System } from '../lib/swarms.ts'
import { Worker, withWorkers } from '../lib/worker.ts'
import type { CrowdMeshParams, CrowdMeshResult } from '../workers/crowd-mesh.ts'
import type { MeshParams, MeshResult } from '../workers/mesh.ts'

const WINDOW_MS = 15_000
const TARGET_S = 8
const CROWDS = [60, 150, 300]
/** A process is busy for a while with that many. */
const CROWD_WINDOW_MS = 30_000
const CROWD_GAP_MS = 60
const CROWD_DHT_NODES = 10
/** A peer with this many connections is safe from being cut off. */
const SAFE_DEGREE = 10

/** (a) 32 peers that join one topic at the same moment, and crowds that join it one after the other. */
export const mesh: Benchmark = {
  name: 'mesh',
  title: 'Many peers that join one topic, in one process',
  async run(options) {
    const peers = options.isQuick ? 8 : 32
    const rounds = options.rounds ?? (options.isQuick ? 1 : 3)
    const samples = await alternate(SYSTEMS, rounds, options, (system) => round(system, peers))
    const crowds = await crowdSamples(rounds, options)
    return toOutcome(samples, crowds, peers)
  }
}

async function round(system: System, peers: number): Promise<Figures> {
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

async function crowdSamples(rounds: number, options: RunOptions): Promise<Samples> {
  const all: Samples = {}
  for (const peers of options.isQuick ? [12] : CROWDS)
    Object.assign(all, await alternate(SYSTEMS, rounds, options, (system) => crowdRound(system, peers)))
  return all
}

async function crowdRound(system: System, peers: number): Promise<Figures> {
  const worker = new Worker('crowd-mesh')
  const goal = { windowMs: CROWD_WINDOW_MS, safeDegree: SAFE_DEGREE }
  const params: CrowdMeshParams = { system, peers, dhtNodes: CROWD_DHT_NODES, gapMs: CROWD_GAP_MS, ...goal }
  const { cpuSeconds, last, mostSeconds, safeSeconds } = await withWorkers([worker], () =>
    worker.call<CrowdMeshResult>('run', params)
  )
  return {
    // What never happened cannot be said as Infinity between processes.
    [safe(peers)]: safeSeconds ?? Number.POSITIVE_INFINITY,
    [`${peers} peers: 90 % of all pairs`]: mostSeconds ?? Number.POSITIVE_INFINITY,
    [`${peers} peers: components`]: last.components,
    [`${peers} peers: fewest connections`]: last.minDegree,
    [`${peers} peers: CPU`]: cpuSeconds
  }
}

function safe(peers: number): string {
  return `${peers} peers: one component, each with ${SAFE_DEGREE} or more`
}

function toOutcome(samples: Samples, crowds: Samples, peers: number): Outcome {
  const measures = Object.entries({ ...samples, ...crowds }).map(([name, bySystem]) => ({
    name,
    unit: /full mesh|each with|90 %|CPU/.test(name) ? 's' : '',
    samples: bySystem
  }))
  const crowdTargets = CROWDS.filter((size) => safe(size) in crowds).map((size) => crowdTarget(crowds, size))
  return { measures, targets: [...meshTargets(samples, peers), ...crowdTargets], notes: notes(peers) }
}

function meshTargets(samples: Samples, peers: number) {
  const wanted = peers * (peers - 1)
  const ours = (name: string) => samples[name]?.['swarmway'] ?? []
  const slowest = Math.max(...ours('full mesh'))
  const fewest = Math.min(...ours('connected at the end'))
  const most = Math.max(...ours('connection events'))
  return [
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
  ]
}

function crowdTarget(crowds: Samples, peers: number) {
  const bySystem = crowds[safe(peers)] ?? {}
  const [ours, theirs] = [median(bySystem['swarmway'] ?? []), median(bySystem['hyperswarm'] ?? [])]
  return {
    text: `${peers} peers are one safe component no later than with hyperswarm`,
    isReached: ours <= theirs && ours < Number.POSITIVE_INFINITY,
    found: `${figure(ours)} s and ${figure(theirs)} s`
  }
}

function notes(peers: number): string[] {
  return [
    `${peers} swarms in one process, each on a DHT node of its own, join in the same tick and are watched for 15 s.`,
    'A pair is ordered: A sees B and B sees A are two. "never" means not within the 15 s.',
    `Crowds join ${CROWD_GAP_MS} ms after each other, so that hyperswarm has a chance, and are watched for ${CROWD_WINDOW_MS / 1000} s from the last join, from which times count.`
  ]
}
