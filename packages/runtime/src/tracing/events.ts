/** Fields of a dial that ended without a connection. */
interface DialEnd {
  peer: Uint8Array
  code: string
  /** Consecutive failures, this one included. */
  attempt: number
  /** Milliseconds until the next try; null for never. */
  nextTryMs: number | null
}

/** Fields of a query that has ended. */
interface QueryEnd {
  topic: Uint8Array
  kind: string
  announces: boolean
  durationMs: number
}

/** Why something ended: a stable code, and words that may come from the other side. */
interface Reason {
  code: string
  reason: string
}

/**
 * Which session a line belongs to: its number at a server, the same as in the area `server`; `client-1` and so on at a
 * client, by the order in which the process made its clients; null if it has none.
 */
interface OfSession {
  session: string | number | null
}

/** Which link: links are numbered as they open, in each process. */
interface OfLink {
  link: number
}

/**
 * Everything that is traced: areas, their events, and the fields of each. Bytes are keys and topics, which are shortened
 * before anybody sees them; a field named `address` is left out unless `SWARMWAY_TRACE_ADDRESSES=1`.
 */
export interface TraceEvents {
  /** A swarm's dials. */
  dial: {
    begin: { peer: Uint8Array; explicit: boolean }
    opened: { peer: Uint8Array }
    failed: DialEnd & { stage: string; reason: string }
    /** Ended without a fault: `DUPLICATE` or `CANCELLED`. */
    dropped: DialEnd
  }
  /** A swarm's decisions about handshakes of others, and its connections. */
  accept: {
    accepted: { peer: Uint8Array; topics: number }
    refused: { peer: Uint8Array; reason: string }
    /** Accepted, but the connection never came. */
    unconfirmed: { peer: Uint8Array }
    listening: { key: Uint8Array }
    'listen-failed': { key: Uint8Array } & Reason
    'connection-open': { peer: Uint8Array; dialled: boolean }
    'connection-error': { peer: Uint8Array } & Reason
    'connection-closed': { peer: Uint8Array }
  }
  /** Direct paths of a swarm's connections. */
  direct: {
    /** A connection has moved to a direct path. */
    open: { peer: Uint8Array }
    /** An attempt to open one has failed. */
    failed: { peer: Uint8Array } & Reason
    /** The path that the connection began with was lost, and is there again. */
    regained: { peer: Uint8Array }
    /** The path died; the connection has moved back. */
    lost: { peer: Uint8Array } & Reason
    /** A message about paths was wrong, or not of the peer. */
    refused: { peer: Uint8Array; reason: string }
  }
  /** A swarm's queries. `kind` is `join`, `relookup` or `refresh`. */
  query: {
    begin: { topic: Uint8Array; kind: string; announces: boolean }
    /** `peers` counts answers: a peer that several nodes know counts several times. */
    done: QueryEnd & { peers: number }
    failed: QueryEnd & Reason
    cancelled: { topic: Uint8Array; kind: string }
    /** No node answers. */
    offline: { reason: string; nextTryMs: number | null }
    /** Nodes answer again, after that or after a break such as sleep. */
    online: { wasOffline: boolean }
  }
  /** Links of the proxy's protocol, at both ends. A link gets its session with `session attached`. */
  link: {
    open: OfLink
    closed: OfLink & OfSession & Reason & { remote: boolean; bytesIn: number; bytesOut: number }
  }
  /** Sessions of the proxy's protocol, at both ends. */
  session: {
    /** `links` counts those of this session, this one included. */
    attached: OfSession & OfLink & { links: number }
    detached: OfSession & Reason
    closed: OfSession & Reason & { remote: boolean }
  }
  /** Streams of the proxy's protocol, at both ends. `id` counts within the session. */
  stream: {
    opened: OfSession & { id: number; remote: boolean }
    refused: OfSession & { id: number } & Reason
    /** Ended early, by the other side if `remote`. */
    reset: OfSession & { id: number; remote: boolean } & Reason
  }
  /** A proxy client and its servers. */
  client: {
    connecting: OfSession
    connected: OfSession & { resumed: boolean; graceMs: number }
    disconnected: OfSession & Reason & { retryMs: number | null }
    'session-lost': OfSession & Reason
    'key-lost': { key: Uint8Array } & Reason
    'topic-denied': { topic: Uint8Array } & Reason
  }
  /** A proxy server and its clients. `session` is the number of the session, in the order of their greetings. */
  server: {
    greeting: OfLink & { address: string | null }
    denied: OfLink & { address: string | null } & Reason
    'session-open': { session: number; address: string | null }
    'session-resumed': { session: number; address: string | null }
    /** Its link is gone; it ends after `graceMs` without another. */
    'session-waiting': { session: number; graceMs: number } & Reason
    'session-closed': { session: number } & Reason
    dial: { peer: Uint8Array; way: 'local' | 'fleet' | 'dht' | 'none' }
    dialled: { peer: Uint8Array }
    'dial-failed': { peer: Uint8Array } & Reason
    listening: { key: Uint8Array }
    'listen-failed': { key: Uint8Array } & Reason
    'listen-end': { key: Uint8Array }
    'key-moved': { key: Uint8Array }
    lookup: { topic: Uint8Array; peers: number; durationMs: number }
    'lookup-failed': { topic: Uint8Array; durationMs: number } & Reason
    announced: { topic: Uint8Array; peers: number }
    /** The broker of the fleet answers, or does not any more. */
    'fleet-online': Record<never, never>
    'fleet-offline': Record<never, never>
    /** Another server has left the fleet, or was not heard for too long. */
    'fleet-server-gone': { name: string }
    /** No port for links of other servers. */
    'fleet-no-port': { reason: string }
    /** Something was refused because of this limit. */
    limit: { limit: string }
    /** The event loop is later than `maxEventLoopDelayMs`: no newcomers, and less work at once. */
    'load-high': { delayMs: number }
    'load-normal': { delayMs: number }
    /** A connection was closed because of `maxBufferedBytes`. */
    'buffer-limit': { kind: string; bufferedBytes: number; limitBytes: number }
  }
}

/** An area of tracing: `swarmway:` and this is the name of its channel. */
export type TraceArea = keyof TraceEvents

/** What a subscriber gets. Its keys are shortened; it may be kept. */
export interface TraceRecord {
  readonly area: TraceArea
  readonly event: string
  /** Milliseconds since the process, worker or page began. */
  readonly timeMs: number
  /** See {@link TraceEvents}. */
  readonly fields: Readonly<Record<string, string | number | boolean | null>>
}

/** Gets what is traced. What it throws is uncaught, and disturbs nobody else. */
export type TraceListener = (record: TraceRecord) => void
