import type { ServerServices } from '../context/services.js'
import type { FleetStats } from '../fleet/fleet-stats.js'
import type { ServerLimits } from '../limits.js'
import type { ClientSession } from '../sessions/client-session.js'

/** Numbers about a server; totals count from its start, the others are current values. */
export interface ServerStats {
  /** Sessions, those in their grace period included. */
  clients: number
  /** Sessions with a link. */
  attached: number
  /** Links with an unfinished greeting. */
  greetings: number
  /** Sessions begun, in total. */
  sessionsOpened: number
  /** Links that resumed a session, in total. */
  sessionsResumed: number
  /** Sessions whose grace period ran out, in total. */
  sessionsExpired: number
  /** Links that were denied, in total, by code. */
  denied: Readonly<Record<string, number>>
  /** 1 if the DHT answers, 0 if it does not or there is none. */
  dhtOnline: number
  /** Topics that any client announces or watches. */
  topics: number
  /** DHT lookups made, in total, except lookups that are part of an announcement. */
  lookupsMade: number
  /** Lookups of clients answered by a lookup that was running or had just ended, in total. */
  lookupsShared: number
  /** Announcements made in the DHT, in total. */
  announces: number
  /** DHT queries that are running. */
  queriesRunning: number
  /** DHT queries that are waiting for their turn. */
  queriesWaiting: number
  /** Milliseconds by which the event loop is late, on average over some seconds; see `maxEventLoopDelayMs`. */
  eventLoopDelayMs: number
  /** Whether it is too late, so that newcomers are denied. */
  isOverloaded: boolean
  /** DHT queries and dials whose turn has come, and that wait because of it; these queries count as running. */
  heldBack: number
  /** Requests of dials to DHT nodes that are in flight. */
  dialRequestsRunning: number
  /** Requests of dials to DHT nodes that are waiting for their turn. */
  dialRequestsWaiting: number
  /** Peer streams. */
  streams: number
  /** Peer streams opened, in total; a connection between two clients has two. */
  streamsOpened: number
  /** Connections between two clients of this server, in total. */
  splices: number
  /** Connections between two clients of this server that are open; each has two of the peer streams. */
  splicesOpen: number
  /** Connections with peers on UDP, in total, in either direction. */
  dhtConnections: number
  /** Connections with peers on UDP that are open; each has one of the peer streams. */
  dhtConnectionsOpen: number
  /** Bytes received on links, in total, framing included. */
  bytesIn: number
  /** Bytes sent on links, in total, framing included. */
  bytesOut: number
  /** Times that clients moved connections to direct paths, in total, as they say: not proved, and counted by both ends. */
  directConnections: number
  /** Bytes that clients sent each other on direct paths, in total, as they say: what the server did not have to carry. */
  directBytes: number
  /** Bytes that wait in peer streams. */
  bufferedBytes: number
  /** Peer streams that ended with an error, in total, by code. */
  resets: Readonly<Record<string, number>>
  /** The other servers of the fleet, and the links to them; null for a server on its own. */
  fleet: FleetStats | null
  /** Refusals by limits, in total, by the limit's name; limits of the wire protocol are not counted. */
  limitHits: Readonly<Partial<Record<keyof ServerLimits, number>>>
}

/** Collects a snapshot. Takes time in proportion to the number of streams. */
export function collectServerStats(
  context: ServerServices,
  clients: ReadonlySet<ClientSession>,
  greetings: number
): ServerStats {
  const { budget, counters, dhtHealth, fleet, load, rendezvous, queue, dialRequests } = context
  const { denied, limitHits, resets, ...totals } = counters
  const sessions = [...clients]
  const sum = (value: (session: ClientSession) => number) => sessions.reduce((all, one) => all + value(one), 0)
  return {
    ...totals,
    clients: clients.size,
    attached: sum((session) => (session.attached ? 1 : 0)),
    greetings,
    denied: { ...denied },
    dhtOnline: dhtHealth.isOnline ? 1 : 0,
    topics: rendezvous.size,
    queriesRunning: queue.inFlight,
    queriesWaiting: queue.queued,
    eventLoopDelayMs: load.delayMs,
    isOverloaded: load.isHigh,
    heldBack: load.waiting,
    dialRequestsRunning: dialRequests.inFlight,
    dialRequestsWaiting: dialRequests.queued,
    streams: sum((session) => session.streamCount),
    bytesIn: counters.bytesIn + sum((session) => session.linkBytes.bytesIn),
    bytesOut: counters.bytesOut + sum((session) => session.linkBytes.bytesOut),
    splicesOpen: budget.countOf('splice'),
    dhtConnectionsOpen: budget.countOf('native'),
    bufferedBytes: budget.bufferedBytes,
    resets: { ...resets },
    fleet: fleet?.stats ?? null,
    limitHits: { ...limitHits }
  }
}
