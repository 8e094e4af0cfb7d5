import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { WIRE_CODES } from '@swarmway/proxy-protocol'
import { BusiestClients, type WatchedClient } from './busiest.js'
import { ErrorWatch } from './error-watch.js'
import { fleetFigures } from './fleet-figures.js'
import type { Counts, Snapshot, StatusSource, WorkerFigures } from './snapshot.js'
import type { WatchedServer } from './watched-server.js'

const LOOP_RESOLUTION_MS = 20
const NS_PER_MS = 1e6
const MANIFEST = new URL('../../../package.json', import.meta.url)
const { version }: { version: string } = JSON.parse(readFileSync(MANIFEST, 'utf8'))

/** The part of a HyperDHT node that is read. Other kinds of nodes, which lack it, count as online. */
interface DhtState {
  readonly online?: boolean
  readonly firewalled?: boolean
  /** Whether its first query is over, answered or not. */
  readonly bootstrapped?: boolean
  /** The nodes that it knows. */
  toArray?(options: { limit: number }): object[]
}

/** A source of figures that measures continuously. */
export interface ServerSource extends StatusSource {
  /** The current figures, returned synchronously. */
  snapshot(): Snapshot
  cutOff(pid: number, number: number): boolean
  /** Stops measuring. */
  destroy(): void
}

const NOBODY: ReadonlySet<WatchedClient> = new Set()

/**
 * The figures of a server in this process. Each snapshot restarts the measurement of the event loop's delay, so two
 * readers need two sources. With `clients`, the busiest clients are listed, with address, user agent and traffic.
 */
export function serverSource(
  server: WatchedServer,
  { clients: showsClients = false }: { clients?: boolean } = {}
): ServerSource {
  const clients = showsClients ? new BusiestClients() : null
  const errors = new ErrorWatch(server)
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
  loop.enable()
  return {
    snapshot: () => {
      const loopDelayMs = Math.max(0, loop.max / NS_PER_MS - LOOP_RESOLUTION_MS)
      loop.reset()
      const figures = { ...figuresOf(server), ...figuresOfProcess(), loopDelayMs }
      const busiest = clients?.read(server.clients ?? NOBODY) ?? []
      return { ...figures, workers: [workerOf(figures)], busiest, restarts: 0, errors: errors.recent.list() }
    },
    cutOff: (pid, number) => pid === process.pid && clients?.cutOff(server.clients ?? NOBODY, number) === true,
    destroy: () => {
      errors.destroy()
      loop.disable()
    }
  }
}

function workerOf(figures: Omit<Snapshot, 'workers' | 'busiest' | 'restarts' | 'errors'>): WorkerFigures {
  const { bytesIn, bytesOut, clients, loopDelayMs, nativeStreams, rssBytes, splicedStreams, startedAt } = figures
  const streams = nativeStreams + splicedStreams
  return { pid: process.pid, startedAt, clients, streams, bytes: bytesIn + bytesOut, rssBytes, loopDelayMs }
}

function figuresOf({ dht, limits, stats }: WatchedServer) {
  return {
    clients: stats.clients,
    maxClients: limits.maxClients,
    attached: stats.attached,
    topics: stats.topics,
    nativeStreams: stats.dhtConnectionsOpen,
    splicedStreams: stats.splicesOpen,
    bytesIn: stats.bytesIn,
    bytesOut: stats.bytesOut,
    directConnections: stats.directConnections ?? 0,
    directBytes: stats.directBytes ?? 0,
    bufferedBytes: stats.bufferedBytes,
    maxBufferedBytes: limits.maxBufferedBytes,
    refusals: refusalsOf(stats),
    resets: withoutOwnCodes(stats.resets),
    dht: stateOf(dht, stats.dhtOnline),
    dhtWaiting: stats.queriesWaiting + stats.dialRequestsWaiting + stats.heldBack,
    ...fleetFigures(stats.fleet ?? null, stats.clients)
  }
}

function figuresOfProcess() {
  return {
    version,
    startedAt: Math.round(performance.timeOrigin),
    processes: 1,
    rssBytes: process.memoryUsage.rss(),
    // Without a container's limit, Node returns 0 or a number larger than any memory.
    memoryBytes: Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())
  }
}

/** The limit's name says more than the code LIMIT, and is counted for all refusals except those by `authenticate`. */
function refusalsOf({ denied, limitHits }: WatchedServer['stats']): Counts {
  const { LIMIT = 0, ...others } = denied
  const named = ['maxClients', 'maxClientsPerNetwork', 'maxGreetings', 'maxEventLoopDelayMs'].map(
    (name) => limitHits[name] ?? 0
  )
  const unnamed = LIMIT - named.reduce((sum, hits) => sum + hits, 0)
  return { ...others, ...limitHits, ...(unnamed > 0 && { LIMIT: unnamed }) }
}

/** Clients may reset streams with their own codes. These are private, and could be made up to name someone. */
function withoutOwnCodes(resets: Counts): Counts {
  const known: Record<string, number> = {}
  for (const [code, count] of Object.entries(resets)) {
    const name = Object.hasOwn(WIRE_CODES, code) ? code : 'OTHER'
    known[name] = (known[name] ?? 0) + count
  }
  return known
}

function stateOf(dht: DhtState | null, online = 1): Snapshot['dht'] {
  if (dht === null) return { nodes: 0, online: 0, firewalled: 0 }
  return { nodes: 1, online: isOnline(dht) ? online : 0, firewalled: dht.firewalled === true ? 1 : 0 }
}

/** A node that never got an answer still calls itself online, but it knows no other nodes. */
function isOnline(dht: DhtState): boolean {
  const knowsNobody = dht.bootstrapped === true && dht.toArray?.({ limit: 1 }).length === 0
  return dht.online !== false && !knowsNobody
}
