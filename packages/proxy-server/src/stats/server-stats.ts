import type { ServerServices } from '../context/services.js'
import type { ServerLimits } from '../limits.js'
import type { ClientSession } from '../sessions/client-session.js'

/** Numbers about a server; those said to be totals count from its start, the others are of this moment. */
export interface ServerStats {
  /** Sessions, those in their grace period included. */
  clients: number
  /** Sessions with a link. */
  attached: number
  /** Links whose greeting is not finished. */
  greetings: number
  /** Sessions begun, in total. */
  sessionsOpened: number
  /** Links that went on with a session, in total. */
  sessionsResumed: number
  /** Sessions whose grace period ran out, in total. */
  sessionsExpired: number
  /** Links that were not let in, in total, by code. */
  denied: Readonly<Record<string, number>>
  /** Topics that any client announces or watches. */
  topics: number
  /** DHT lookups made, in total; those on the way of an announcement not counted. */
  lookupsMade: number
  /** Lookups of clients answered from one that ran already or had just ended, in total. */
  lookupsShared: number
  /** Announcements made in the DHT, in total. */
  announces: number
  /** DHT queries that run. */
  queriesRunning: number
  /** DHT queries that wait for their turn. */
  queriesWaiting: number
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
  /** Bytes that came on links, in total, framing included. */
  bytesIn: number
  /** Bytes sent on links, in total, framing included. */
  bytesOut: number
  /** Bytes that wait in peer streams. */
  bufferedBytes: number
  /** Peer streams that ended with an error, in total, by code. */
  resets: Readonly<Record<string, number>>
  /** What limits have refused, in total, by the limit's name; those of the wire protocol are not counted. */
  limitHits: Readonly<Partial<Record<keyof ServerLimits, number>>>
}

/** Puts a snapshot together. Takes time in proportion to the number of streams. */
export function collectServerStats(
  context: ServerServices,
  clients: ReadonlySet<ClientSession>,
  greetings: number
): ServerStats {
  const { budget, counters, rendezvous, queue } = context
  const { denied, limitHits, resets, ...totals } = counters
  const sessions = [...clients]
  const sum = (value: (session: ClientSession) => number) => sessions.reduce((all, one) => all + value(one), 0)
  return {
    ...totals,
    clients: clients.size,
    attached: sum((session) => (session.attached ? 1 : 0)),
    greetings,
    denied: { ...denied },
    topics: rendezvous.size,
    queriesRunning: queue.inFlight,
    queriesWaiting: queue.queued,
    streams: sum((session) => session.streamCount),
    bytesIn: counters.bytesIn + sum((session) => session.linkBytes.bytesIn),
    bytesOut: counters.bytesOut + sum((session) => session.linkBytes.bytesOut),
    splicesOpen: budget.countOf('splice'),
    dhtConnectionsOpen: budget.countOf('native'),
    bufferedBytes: budget.bufferedBytes,
    resets: { ...resets },
    limitHits: { ...limitHits }
  }
}
