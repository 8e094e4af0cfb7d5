import { DEFAULT_LIMITS, type ProtocolLimits, verifyLimits } from '@swarmway/proxy-protocol'

/** Limits on one client. `authenticate` may set others for a client than the server has. */
export interface ClientLimits {
  /**
   * Announcements (of a key on a topic) that a client may have; default 1024. One more: `LIMIT`. Stops a client that
   * fills the rendezvous, and the DHT, with topics.
   */
  maxTopics: number
  /** Topics that a client may watch; default 2048. Further WATCHes are ignored. Stops the same at the rendezvous's watchers. */
  maxWatches: number
  /**
   * Keys that a client may listen on; default 4. One more: `LIMIT`. Each costs a DHT server that pings its relays
   * every 3 seconds.
   */
  maxKeys: number
  /**
   * Peer streams that a client may have; default 1024. Dials beyond fail with `LIMIT`, handshakes of peers beyond
   * are left without an answer. With `maxStreamBufferBytes` this bounds what a client's streams can occupy.
   */
  maxStreams: number
  /** Dials of a client in progress; default 64. One more: `LIMIT`. Stops floods of handshakes at the client's wish. */
  maxDials: number
  /**
   * Handshakes of strangers with a client that are not finished; default 64. Further ones are left without an
   * answer. Stops strangers from flooding a client through the server.
   */
  maxPendingHandshakes: number
  /**
   * Queries and record requests of a client in progress, waiting ones included; default 128. One more: `LIMIT`.
   * Stops one client from filling the queue in which the others wait as well.
   */
  maxQueries: number
  /**
   * Bytes from a native peer that may wait for a client that does not read its stream; default 4 MiB. Beyond, the
   * stream is reset with `BUFFER_LIMIT`: UDX cannot slow a sender. Between two clients back-pressure does it.
   */
  maxStreamBufferBytes: number
}

/**
 * Every limit of a server, those of the wire included (see `ProtocolLimits`; its `maxStreams` is about streams that
 * clients open, of which there are none, and has no place here). All have finite defaults.
 */
export interface ServerLimits extends ClientLimits, Omit<ProtocolLimits, 'maxStreams'> {
  /** Clients, those in their grace period included; default 1000. One more is denied with `LIMIT`, to try later. */
  maxClients: number
  /**
   * Links whose greeting is not finished; default 1024. Further ones are denied with `LIMIT`, to try later. Stops floods
   * of silent connections: each can occupy `maxGreetingBytes`.
   */
  maxGreetings: number
  /** Milliseconds for the whole greeting, authentication included; default 10,000. Stops slow-loris links. */
  handshakeTimeoutMs: number
  /** Milliseconds for `authenticate`, and for each `allowTopic`; default 5000. Then `AUTH_TIMEOUT`. */
  authTimeoutMs: number
  /**
   * Milliseconds that a client has to do its part in the handshake of a connection, and to sign an announcement;
   * default 10,000. Stops clients from keeping peers, and each other, waiting.
   */
  peerHandshakeTimeoutMs: number
  /**
   * Bytes that wait in all peer streams together; default 256 MiB. Beyond, the streams in which most waits are reset
   * with `BUFFER_LIMIT` until it fits. The memory that stalled clients can occupy together, whatever their number.
   */
  maxBufferedBytes: number
  /**
   * DHT queries at once; default 8. A DHT node has 80 requests on the way at most, ten to a query, and is slower
   * with more.
   */
  maxDhtQueries: number
  /** Other clients that a query is told of, or that are told of a newcomer; default 512, chosen at random. */
  maxLocalPeers: number
}

const CLIENT_DEFAULTS: Readonly<ClientLimits> = Object.freeze({
  maxTopics: 1024,
  maxWatches: 2048,
  maxKeys: 4,
  maxStreams: 1024,
  maxDials: 64,
  maxPendingHandshakes: 64,
  maxQueries: 128,
  maxStreamBufferBytes: 4 * 1024 * 1024
})

const OWN_DEFAULTS = Object.freeze({
  ...CLIENT_DEFAULTS,
  maxClients: 1000,
  maxGreetings: 1024,
  handshakeTimeoutMs: 10_000,
  authTimeoutMs: 5000,
  peerHandshakeTimeoutMs: 10_000,
  maxBufferedBytes: 256 * 1024 * 1024,
  maxDhtQueries: 8,
  maxLocalPeers: 512
})

type OwnLimit = keyof typeof OWN_DEFAULTS

const { maxStreams: _, ...PROTOCOL_DEFAULTS } = DEFAULT_LIMITS

/** The defaults of every limit of a server. */
export const DEFAULT_SERVER_LIMITS: Readonly<ServerLimits> = Object.freeze({ ...PROTOCOL_DEFAULTS, ...OWN_DEFAULTS })

/** Those that may be 0: none at all. */
const MAY_BE_ZERO: ReadonlySet<string> = new Set(['maxTopics', 'maxWatches', 'maxKeys', 'maxDials', 'maxLocalPeers'])
const MAX_VALUE = 0x7fffffff

/**
 * The given limits over the defaults.
 * @throws TypeError that names the limit which is unknown, not an integer or out of range
 */
export function settleLimits(given: Partial<ServerLimits> = {}): ServerLimits {
  const [own, protocol] = split(given)
  verifyLimits(protocol)
  return { ...DEFAULT_SERVER_LIMITS, ...protocol, ...own }
}

/**
 * The limits of one client: those of the server with the given ones, which only concern the client, over them.
 * @throws TypeError that names the bad one
 */
export function settleClientLimits(server: ServerLimits, given: Partial<ClientLimits> = {}): ClientLimits {
  for (const name of Object.keys(given))
    if (!Object.hasOwn(CLIENT_DEFAULTS, name)) throw new TypeError(`limits.${name} is not a limit of one client`)
  const own = split(given)[0]
  return Object.keys(own).length === 0 ? server : { ...server, ...own }
}

/** What sessions and links are told of a server's limits. Clients open no streams, so they may have none open. */
export function protocolLimits(limits: ServerLimits): ProtocolLimits {
  const names = Object.keys(PROTOCOL_DEFAULTS) as (keyof typeof PROTOCOL_DEFAULTS)[]
  const entries = names.map((name) => [name, limits[name]])
  return verifyLimits({ ...(Object.fromEntries(entries) as typeof PROTOCOL_DEFAULTS), maxStreams: 0 })
}

function split(given: Partial<ServerLimits>): [own: Partial<ServerLimits>, protocol: Partial<ProtocolLimits>] {
  const own: Partial<Record<OwnLimit, number>> = {}
  const protocol: Record<string, number> = {}
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    if (isOwn(name)) own[name] = verify(name, value)
    else protocol[name] = value
  }
  return [own, protocol]
}

function isOwn(name: string): name is OwnLimit {
  return Object.hasOwn(OWN_DEFAULTS, name)
}

function verify(name: string, value: unknown): number {
  const min = MAY_BE_ZERO.has(name) ? 0 : 1
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= MAX_VALUE) return value
  throw new TypeError(`limits.${name} must be an integer from ${min} to ${MAX_VALUE}, not ${String(value)}`)
}
