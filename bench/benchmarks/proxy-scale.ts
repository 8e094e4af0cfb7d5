import { setTimeout as sleep } from 'node:timers/promises'
import type { Benchmark, Measure, Outcome, RunOptions, Target } from '../lib/benchmark.ts'
import { figure } from '../lib/report.ts'
import { median } from '../lib/stats.ts'
import { Worker, withWorkers } from '../lib/worker.ts'
import type { CrowdState, ScaleCrowd } from '../workers/scale-clients.ts'
import type { ScaleState } from '../workers/scale-server.ts'

/** A crowd of clients that do nothing. */
interface Scene {
  readonly clients: number
  readonly topics: number
  readonly maxPeers: number
}

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

/** Clients that join one server, which is then killed. */
const CROWD: Scene = { clients: 10_000, topics: 1000, maxPeers: 1 }
const QUICK_CROWD: Scene = { clients: 200, topics: 20, maxPeers: 1 }

const PROCESSES = 4
const CLIENTS_PER_SECOND = 100
const IDLE_MS = 20_000
const POLL_MS = 1000
const WINDOW_MS = 900_000
/** Polls without a new connection after which no more are expected. */
const QUIET_POLLS = 10
const MAX_CPU_PERCENT = 8
const MAX_KB = 60
const SYSTEM = 'swarmway'

/** What idle clients cost, how that grows, and whether a server bears many, and all of them at once after a restart. */
export const proxyScale: Benchmark = {
  name: 'proxy-scale',
  title: 'What idle clients of a proxy server cost, and 10,000 of them on one server that is killed',
  async run(options) {
    const rounds = options.rounds ?? 1
    const scenes = options.isQuick ? QUICK_SCENES : SCENES
    const crowd = options.isQuick ? QUICK_CROWD : CROWD
    const figures = new Map<string, Omit<Measure, 'name'>>()
    for (let round = 0; round < rounds; round++) {
      for (const scene of scenes) add(figures, await idleScene(scene, options))
      add(figures, await killedScene(crowd, options))
    }
    return toOutcome(figures, crowd)
  }
}

type Figures = Record<string, readonly [unit: string, value: number]>

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

async function killedScene(scene: Scene, { log }: RunOptions): Promise<Figures> {
  log(`${scene.clients} clients on one server, which is killed`)
  return withCrowd(scene, async (server, crowd, join, port) => {
    const began = performance.now()
    await join()
    const connected = await until(crowd, (state) => state.connected === scene.clients, began)
    const found = await until(crowd, (state) => state.found === scene.clients, began)
    await untilQuiet(crowd, scene.clients)
    await Promise.all(crowd.map((worker) => worker.call('mark')))
    await server.end()
    const next = new Worker('scale-server', ['--expose-gc'])
    return withWorkers([next], async () => {
      const killed = performance.now()
      await next.call('start', { port })
      const back = await until(crowd, (state) => state.connected === scene.clients, killed)
      const { linksBySecond } = await stateOf(crowd)
      const { sessions } = await next.call<ScaleState>('state')
      return {
        [`${scene.clients} clients: all connected`]: ['s', connected],
        [`${scene.clients} clients: all know a peer`]: ['s', found],
        'after the kill: all connected again': ['s', back],
        'after the kill: most links in one second': ['', Math.max(...linksBySecond)],
        'after the kill: sessions begun per client': ['', sessions / scene.clients]
      }
    })
  })
}

type Use = (server: Worker, crowd: readonly Worker[], join: () => Promise<unknown>, port: number) => Promise<Figures>

async function withCrowd({ clients, maxPeers, topics }: Scene, use: Use): Promise<Figures> {
  const server = new Worker('scale-server', ['--expose-gc'])
  const crowd = Array.from({ length: PROCESSES }, () => new Worker('scale-clients'))
  // The server may be killed on purpose, so it is ended apart.
  try {
    return await withWorkers(crowd, async () => {
      const port = await server.call<number>('start', { port: 0 })
      const count = clients / PROCESSES
      const join = () => {
        const shared = { count, topics, maxPeers, url: `ws://127.0.0.1:${port}` }
        const perSecond = CLIENTS_PER_SECOND / PROCESSES
        const ofWorker = (i: number) => ({ ...shared, perSecond, first: i * count }) satisfies ScaleCrowd
        return Promise.all(crowd.map((worker, i) => worker.call('join', ofWorker(i))))
      }
      return use(server, crowd, join, port)
    })
  } finally {
    await server.end()
  }
}

async function stateOf(crowd: readonly Worker[]): Promise<CrowdState> {
  const states = await Promise.all(crowd.map((worker) => worker.call<CrowdState>('state')))
  const sum = (value: (state: CrowdState) => number) => states.reduce((all, state) => all + value(state), 0)
  const seconds = Math.max(...states.map(({ linksBySecond }) => linksBySecond.length))
  return {
    connected: sum(({ connected }) => connected),
    found: sum(({ found }) => found),
    connections: sum(({ connections }) => connections),
    linksBySecond: Array.from({ length: seconds }, (_, i) => sum(({ linksBySecond }) => linksBySecond[i] ?? 0))
  }
}

/** Seconds since `began` until all clients together are in such a state; Infinity if that takes too long. */
async function until(
  crowd: readonly Worker[],
  isReached: (state: CrowdState) => boolean,
  began: number
): Promise<number> {
  while (performance.now() - began < WINDOW_MS) {
    if (isReached(await stateOf(crowd))) return (performance.now() - began) / 1000
    await sleep(POLL_MS)
  }
  return Number.POSITIVE_INFINITY
}

/** Waits until all clients are connected and no connections are added. */
async function untilQuiet(crowd: readonly Worker[], clients: number): Promise<void> {
  await until(crowd, ({ connected }) => connected === clients, performance.now())
  for (let last = -1, quiet = 0; quiet < QUIET_POLLS; await sleep(POLL_MS)) {
    const { connections } = await stateOf(crowd)
    quiet = connections === last ? quiet + 1 : 0
    last = connections
  }
}

function add(all: Map<string, Omit<Measure, 'name'>>, figures: Figures): void {
  for (const [name, [unit, value]] of Object.entries(figures)) {
    const measure = all.get(name) ?? { unit, samples: { [SYSTEM]: [] } }
    measure.samples[SYSTEM]?.push(value)
    all.set(name, measure)
  }
}

function toOutcome(figures: ReadonlyMap<string, Omit<Measure, 'name'>>, crowd: Scene): Outcome {
  const measures = [...figures].map(([name, measure]) => ({ name, ...measure }))
  const worst = (end: string) =>
    Math.max(
      ...measures
        .filter(({ name }) => name.startsWith('2000 ') && name.endsWith(end))
        .map(({ samples }) => median(samples[SYSTEM] ?? []))
    )
  const isWhole = measures.some(({ name }) => name.startsWith('2000 '))
  const back = median(figures.get('after the kill: all connected again')?.samples[SYSTEM] ?? [])
  return {
    measures,
    targets: [
      ...(isWhole ? [atMost('CPU of 2000 idle clients', worst('CPU when idle'), MAX_CPU_PERCENT, '%')] : []),
      ...(isWhole ? [atMost('memory of each of them', worst('memory per client'), MAX_KB, 'kB')] : []),
      {
        text: `all ${crowd.clients} clients come back after the server was killed`,
        isReached: Number.isFinite(back),
        found: `${figure(back)} s`
      }
    ],
    notes: [
      `A server without a DHT in one process, its clients in ${PROCESSES} others, ${CLIENTS_PER_SECOND} joining per second. Each client joins one topic and connects to clients on it.`,
      `CPU is that of the server's process, in percent of a core, over ${IDLE_MS / 1000} s; memory is its RSS and heap after a garbage collection, less what it had before. Clients and server share the machine.`,
      'Then the server is killed with SIGKILL and another started on its port at once.'
    ]
  }
}

function atMost(what: string, value: number, most: number, unit: string): Target {
  return { text: `${what} at most ${most} ${unit}`, isReached: value <= most, found: `${figure(value)} ${unit}` }
}
