import type { Benchmark, Measure, Outcome, RunOptions, Target } from '../lib/benchmark.ts'
import { figure } from '../lib/report.ts'
import { addFigures, CROWD_NOTE, type Figures, type Scene, SYSTEM, untilQuiet, withCrowd } from '../lib/scale-crowd.ts'
import { median } from '../lib/stats.ts'
import type { ScaleState } from '../workers/scale-server.ts'

/** Each differs from the one of 1,000 clients in one number. */
const SCENES: readonly Scene[] = [
  { clients: 1000, topics: 100, maxPeers: 4 },
  { clients: 500, topics: 50, maxPeers: 4 },
  { clients: 2000, topics: 200, maxPeers: 4 },
  { clients: 1000, topics: 10, maxPeers: 4 },
  { clients: 1000, topics: 100, maxPeers: 0 },
  { clients: 1000, topics: 100, maxPeers: 8 }
]
const QUICK_SCENES: readonly Scene[] = [{ clients: 100, topics: 10, maxPeers: 4 }]

const IDLE_MS = 20_000
const MAX_CPU_PERCENT = 8
const MAX_KB = 60

/** What idle clients cost, and how that grows with clients, topics and connections. */
export const proxyScale: Benchmark = {
  name: 'proxy-scale',
  title: 'What idle clients of a proxy server cost',
  async run(options) {
    const rounds = options.rounds ?? 1
    const scenes = options.isQuick ? QUICK_SCENES : SCENES
    const figures = new Map<string, Omit<Measure, 'name'>>()
    for (let round = 0; round < rounds; round++) {
      for (const scene of scenes) addFigures(figures, await idleScene(scene, options))
    }
    return toOutcome(figures)
  }
}

async function idleScene(scene: Scene, { isQuick, log }: RunOptions): Promise<Figures> {
  const name = `${scene.clients} clients, ${scene.topics} topics, up to ${scene.maxPeers} connections each`
  log(name)
  return withCrowd(scene, async (server, crowd, join) => {
    const before = await server.call<ScaleState>('memory')
    await join()
    await untilQuiet(crowd, scene.clients)
    const after = await server.call<ScaleState>('memory')
    const perClient = (bytes: number) => bytes / scene.clients / 1000
    return {
      [`${name}: connections`]: ['', after.connections],
      [`${name}: CPU when idle`]: ['%', await server.call<number>('idle', { ms: isQuick ? 2000 : IDLE_MS })],
      [`${name}: memory per client`]: ['kB', perClient(after.rss - before.rss)],
      [`${name}: heap per client`]: ['kB', perClient(after.heap - before.heap)]
    }
  })
}

function toOutcome(figures: ReadonlyMap<string, Omit<Measure, 'name'>>): Outcome {
  const measures = [...figures].map(([name, measure]) => ({ name, ...measure }))
  const worst = (end: string) =>
    Math.max(
      ...measures
        .filter(({ name }) => name.startsWith('2000 ') && name.endsWith(end))
        .map(({ samples }) => median(samples[SYSTEM] ?? []))
    )
  const isWhole = measures.some(({ name }) => name.startsWith('2000 '))
  return {
    measures,
    targets: [
      ...(isWhole ? [atMost('CPU of 2000 idle clients', worst('CPU when idle'), MAX_CPU_PERCENT, '%')] : []),
      ...(isWhole ? [atMost('memory of each of them', worst('memory per client'), MAX_KB, 'kB')] : [])
    ],
    notes: [
      CROWD_NOTE,
      `CPU is that of the server's process, in percent of a core, over ${IDLE_MS / 1000} s; memory is its RSS and heap after a garbage collection, less what it had before. Clients and server share the machine.`
    ]
  }
}

function atMost(what: string, value: number, most: number, unit: string): Target {
  return { text: `${what} at most ${most} ${unit}`, isReached: value <= most, found: `${figure(value)} ${unit}` }
}
