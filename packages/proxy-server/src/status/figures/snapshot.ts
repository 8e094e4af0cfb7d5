import { busiest, type ClientFigures } from './busiest.js'
import { combineFleets, type FleetSnapshot } from './fleet-figures.js'
import { combineErrors, type RecentError } from './recent-errors.js'

/** Counts by reason: an error code, or the name of a limit. */
export type Counts = Readonly<Record<string, number>>

/**
 * The figures of the status page at one moment: only sums, and nothing about individual clients unless asked for. It
 * is plain data, so it can be sent between processes unchanged. Totals count from the server's start.
 */
export interface Snapshot {
  /** Version of the package. */
  version: string
  /** When the server's process started, in milliseconds since 1970. */
  startedAt: number
  /** Number of processes in the figures. */
  processes: number
  /** Sessions, those in their grace period included. */
  clients: number
  /** The limit of `clients`. */
  maxClients: number
  /** Sessions that have a link. */
  attached: number
  /** Topics that any client announces or watches. */
  topics: number
  /** Open connections between a client and a peer on UDP. */
  nativeStreams: number
  /** Open connections between two clients. */
  splicedStreams: number
  /** Bytes received from clients, in total. */
  bytesIn: number
  /** Bytes sent to clients, in total. */
  bytesOut: number
  /** Times that clients moved connections to direct paths, in total, as they say. */
  directConnections: number
  /** Bytes that clients sent each other past the server, in total, as they say. */
  directBytes: number
  /** Bytes that wait in streams. */
  bufferedBytes: number
  /** The limit of `bufferedBytes`. */
  maxBufferedBytes: number
  /** Memory of all processes together. */
  rssBytes: number
  /** Available memory: the container's limit, or the machine's memory. */
  memoryBytes: number
  /** Longest time that the event loop was blocked since the last snapshot, in milliseconds. */
  loopDelayMs: number
  /** Links and requests that were refused, in total, by reason. */
  refusals: Counts
  /** Streams that ended with an error, in total, by code. */
  resets: Counts
  /** Number of DHT nodes, of those that the network answers, and of those that packets from strangers do not reach. */
  dht: { nodes: number; online: number; firewalled: number }
  /** DHT queries, dials, and requests of dials to DHT nodes, that wait for their turn, or until the load is lower. */
  dhtWaiting: number
  /** The same processes one by one. */
  workers: readonly WorkerFigures[]
  /** The clients that moved most since the last snapshot; empty unless asked for. */
  busiest: readonly ClientFigures[]
  /** Processes that have replaced one that died. */
  restarts: number
  /** What went wrong lately, the latest first. */
  errors: readonly RecentError[]
  /** The servers of the fleet; undefined for a server on its own. */
  fleet?: FleetSnapshot
}

/** The figures of one process. */
export interface WorkerFigures {
  /** Its process ID. */
  pid: number
  /** When it started, in milliseconds since 1970: a late one has replaced one that died. */
  startedAt: number
  clients: number
  /** Open connections of its clients. */
  streams: number
  /** Bytes received from and sent to clients, in total. */
  bytes: number
  rssBytes: number
  loopDelayMs: number
}

/**
 * Supplies the figures of the status page: a {@link serverSource} or, with several worker processes, the primary.
 * Each worker has its own source and answers a message from the primary with its snapshot; the primary's source asks
 * all of them and adds up the answers with {@link combineSnapshots}:
 *
 * ```ts
 * // in each worker
 * const source = serverSource(server)
 * process.on('message', async (message) => {
 *   if (message === 'snapshot') process.send?.(source.snapshot())
 * })
 * // in the primary; ask(worker) sends 'snapshot' and resolves to the answer, or to null after a deadline
 * const page = statusPage({
 *   snapshot: async () => combineSnapshots((await Promise.all(workers.map(ask))).filter((one) => one !== null))
 * })
 * ```
 *
 * `snapshot` is called every `intervalMs`, never twice at a time. If it throws, rejects or takes longer than two
 * intervals, the page has no figures for that moment and says so.
 */
export interface StatusSource {
  /** The current figures. */
  snapshot(): Snapshot | Promise<Snapshot>
  /**
   * Ends the session of one of the busiest clients, by its process and number; resolves to false if it is gone. Default:
   * the page cannot cut off clients.
   */
  cutOff?(pid: number, number: number): boolean | Promise<boolean>
}

/**
 * Combines the snapshots of several processes: adds up counts and sizes, and takes the earliest start, the largest
 * memory of the machine and the longest delay of the event loop.
 * @throws TypeError if the list is empty
 */
export function combineSnapshots(snapshots: readonly Snapshot[]): Snapshot {
  const [first, ...others] = snapshots
  if (first === undefined) throw new TypeError('there must be at least one snapshot')
  return others.reduce(combine, first)
}

function combine(a: Snapshot, b: Snapshot): Snapshot {
  return {
    version: a.version,
    startedAt: Math.min(a.startedAt, b.startedAt),
    processes: a.processes + b.processes,
    clients: a.clients + b.clients,
    maxClients: a.maxClients + b.maxClients,
    attached: a.attached + b.attached,
    topics: a.topics + b.topics,
    nativeStreams: a.nativeStreams + b.nativeStreams,
    splicedStreams: a.splicedStreams + b.splicedStreams,
    bytesIn: a.bytesIn + b.bytesIn,
    bytesOut: a.bytesOut + b.bytesOut,
    directConnections: a.directConnections + b.directConnections,
    directBytes: a.directBytes + b.directBytes,
    bufferedBytes: a.bufferedBytes + b.bufferedBytes,
    maxBufferedBytes: a.maxBufferedBytes + b.maxBufferedBytes,
    rssBytes: a.rssBytes + b.rssBytes,
    memoryBytes: Math.max(a.memoryBytes, b.memoryBytes),
    loopDelayMs: Math.max(a.loopDelayMs, b.loopDelayMs),
    refusals: addCounts(a.refusals, b.refusals),
    resets: addCounts(a.resets, b.resets),
    dht: {
      nodes: a.dht.nodes + b.dht.nodes,
      online: a.dht.online + b.dht.online,
      firewalled: a.dht.firewalled + b.dht.firewalled
    },
    dhtWaiting: a.dhtWaiting + b.dhtWaiting,
    workers: [...a.workers, ...b.workers],
    busiest: busiest([...a.busiest, ...b.busiest]),
    restarts: a.restarts + b.restarts,
    errors: combineErrors([a.errors, b.errors]),
    ...combineFleets(a.fleet, b.fleet)
  }
}

function addCounts(a: Counts, b: Counts): Counts {
  const sum: Record<string, number> = { ...a }
  for (const [reason, count] of Object.entries(b)) sum[reason] = (sum[reason] ?? 0) + count
  return sum
}
