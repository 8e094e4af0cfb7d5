/** Many idle clients of one server, in several processes. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { CrowdState, ScaleCrowd } from '../workers/scale-clients.ts'
import type { Measure } from './benchmark.ts'
import { Worker, withWorkers } from './worker.ts'

/** A crowd of clients that do nothing. */
export interface Scene {
  readonly clients: number
  readonly topics: number
  readonly maxPeers: number
}

/** Figures by name. */
export type Figures = Record<string, readonly [unit: string, value: number]>

/** The only one that is measured. */
export const SYSTEM = 'swarmway'
const PROCESSES = 4
/** At most; fewer while the machine is busy. */
const CLIENTS_PER_SECOND = 100
/** How the crowd comes. */
export const CROWD_NOTE = `A server without a DHT in one process, its clients in ${PROCESSES} others, at most ${CLIENTS_PER_SECOND} joining per second, fewer while the machine is busy. Each client joins one topic and connects to clients on it.`
const POLL_MS = 1000
const PROGRESS_MS = 10_000
const WINDOW_MS = 900_000
/** Polls without a new connection after which no more are expected. */
const QUIET_POLLS = 10
const MAX_POLLS = 120

type Use = (server: Worker, crowd: readonly Worker[], join: () => Promise<unknown>, port: number) => Promise<Figures>

/** Runs `use` with a server and the processes of its clients, which join when it says so. */
export async function withCrowd({ clients, maxPeers, topics }: Scene, use: Use): Promise<Figures> {
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

/** All clients of a crowd together. */
export async function stateOf(crowd: readonly Worker[]): Promise<CrowdState> {
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

/** Looks at a crowd until it is where it should be, and says from time to time how far it is. */
export class Watch {
  readonly #crowd: readonly Worker[]
  readonly #log: (line: string) => void
  readonly #beganMs = performance.now()
  #saidMs = this.#beganMs

  constructor(crowd: readonly Worker[], log: (line: string) => void) {
    this.#crowd = crowd
    this.#log = log
  }

  /** Seconds since the watch began until all clients together are in such a state; Infinity if that takes too long. */
  async until(isReached: (state: CrowdState) => boolean): Promise<number> {
    while (this.#elapsedMs < WINDOW_MS) {
      const state = await stateOf(this.#crowd)
      if (isReached(state)) return this.#elapsedMs / 1000
      this.#say(state)
      await sleep(POLL_MS)
    }
    return Number.POSITIVE_INFINITY
  }

  get #elapsedMs(): number {
    return performance.now() - this.#beganMs
  }

  #say({ connected, connections, found }: CrowdState): void {
    if (performance.now() - this.#saidMs < PROGRESS_MS) return
    this.#saidMs = performance.now()
    const seconds = Math.round(this.#elapsedMs / 1000)
    this.#log(`  ${seconds} s: ${connected} connected, ${found} know a peer, ${connections / 2} connections`)
  }
}

/** Waits until all clients are connected and no connections are added; not for ever, as some may find no partner. */
export async function untilQuiet(crowd: readonly Worker[], clients: number): Promise<void> {
  const watch = new Watch(crowd, () => {})
  await watch.until(({ connected }) => connected === clients)
  for (let last = -1, quiet = 0, poll = 0; quiet < QUIET_POLLS && poll < MAX_POLLS; poll++, await sleep(POLL_MS)) {
    const { connections } = await stateOf(crowd)
    quiet = connections === last ? quiet + 1 : 0
    last = connections
  }
}

/** Adds the figures of a round to those of the others. */
export function addFigures(all: Map<string, Omit<Measure, 'name'>>, figures: Figures): void {
  for (const [name, [unit, value]] of Object.entries(figures)) {
    const measure = all.get(name) ?? { unit, samples: { [SYSTEM]: [] } }
    measure.samples[SYSTEM]?.push(value)
    all.set(name, measure)
  }
}
