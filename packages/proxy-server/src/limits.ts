import { DEFAULT_LIMITS, type ProtocolLimits, verifyLimits } from '@swarmway/proxy-protocol'
import { badOption } from '@swarmway/runtime'

/** Limits on one client. `authenticate` may override the server's limits for a client. */
export interface ClientLimits {
  /**
   * Announcements (of a key on a topic) that a client may have; default 1024. One more: `LIMIT`. Stops a client from
   * filling the rendezvous and the DHT with topics.
   */
  maxTopics: number
  /**
   * Topics that a client may watch; default 2048. One more: `LIMIT`. Stops a client from filling the
   * rendezvous with watches.
   */
  maxWatches: number
  /**
   * Keys that a client may listen on; default 4. One more: `LIMIT`. Each costs a DHT server that pings its relays
   * every 3 seconds.
   */
  maxKeys: number
  /**
   * LISTENs of a client per second, with a burst of one second's worth; default 100. Excess: `RATE_LIMIT`. Each costs a
   * check of a signature, and queries in the DHT.
   */
  listensPerSecond: number
  /**
   * Peer streams that a client may have; default 1024. Further dials fail with `LIMIT`; further handshakes of peers
   * are left without an answer. Together with `maxStreamBufferBytes`, this bounds the memory of a client's streams.
   */
  maxStreams: number
  /**
   * Dials of a client in progress; default 64. One more: `LIMIT`. Stops a client from ordering floods of handshakes.
   */
  maxDials: number
  /**
   * Packets a minute to addresses that a client names for its dials; default 600, which may go out at once. Beyond, and
   * beyond about twice the bytes that the client has sent about its dials, its peers are only looked for in the DHT.
   * Stops a client from having packets sent to third parties.
   */
  maxDialPacketsPerMinute: number
  /**
   * Packets of one byte a minute that punch holes through NATs for the dials of a client, and as many for each key that
   * it listens on; default 2000, which may go out at once. Beyond, the dial fails with `PEER_CONNECTION_FAILED`. A peer
   * behind a NAT with random ports takes up to 1750, other peers about 10 each. The client and the peer can name anybody's
   * addresses: stops them from having more sent there. All clients of a network, also those that are gone, have four times
   * as many together.
   */
  maxPunchPacketsPerMinute: number
  /**
   * Unfinished handshakes with a client of peers that come through the DHT, and as many of this server's other clients;
   * default 64. Further ones through the DHT are left without an answer; other clients wait for their turn, by network,
   * then by client, for up to `peerHandshakeTimeoutMs`. Stops strangers from flooding a client through the server, and
   * from keeping others from it.
   */
  maxPendingHandshakes: number
  /**
   * Queries and record requests of a client in progress, waiting ones included; default 128. One more: `LIMIT`.
   * Stops one client from filling the queue that it shares with the others.
   */
  maxQueries: number
  /**
   * Other clients that are reported to the queries of a client per second, with a burst of five seconds' worth; default
   * 10,000. Further queries wait. Each query for a crowded topic costs as many as it finds, up to `maxLocalPeers`: stops
   * a client from keeping the server busy with a few bytes each.
   */
  localPeersPerSecond: number
  /**
   * Bytes from a native peer that may wait for a client that does not read its stream; default 8 MiB. The peer is made
   * to wait long before that, so only a peer that ignores its window gets there: the stream is reset with
   * `BUFFER_LIMIT`. The window is never larger than half of this. Between two clients, no such limit is needed.
   */
  maxStreamBufferBytes: number
}

/**
 * Every limit of a server, including those of the wire protocol (see `ProtocolLimits`; its `maxStreams` is left out
 * because it limits streams that clients open, and clients open none). All have finite defaults.
 */
export interface ServerLimits extends ClientLimits, Omit<ProtocolLimits, 'maxStreams'> {
  /**
   * Clients, those in their grace period included; default 1000. One more gets the place of a session without link and
   * streams, or of one that has wanted nothing for a second. If there are none it is denied with `LIMIT` and may retry
   * later. A network (an IPv4 address, or an IPv6 /48) may hold as many places as are free, except this machine's own.
   */
  maxClients: number
  /**
   * Clients of one network; default 1000, or `maxClients` if that is set. One more gets a place only if another client of
   * its network gives way. Set it lower if no network has many honest clients; an office or a mobile carrier may have
   * hundreds.
   */
  maxClientsPerNetwork: number
  /**
   * Links with an unfinished greeting; default 1024. For one more, the oldest greeting of the network with the most gives
   * way: a silent one at once, others after 2 seconds, or at once to a network with less than half as many. It is denied
   * with `LIMIT` and may retry later. Stops floods of silent connections: each can occupy `maxGreetingBytes`.
   */
  maxGreetings: number
  /**
   * Greetings of one network that are answered in a second, those of resumed sessions included, with as many at once after a
   * pause; default 100. The rest wait for their turn. All networks together have four times as many, or less while the event
   * loop is busy, down to as many as one. Beyond that, each has a sixteenth of its own; if more than 64 networks use theirs, they
   * share 64 sixteenths. This machine's own network is exempt.
   * Stops strangers who come back as soon as they are served. Raise it together with `maxClients`: it decides how soon all are
   * back after a restart.
   */
  greetingsPerSecond: number
  /** Milliseconds for the whole greeting, authentication included; default 10,000. Stops slow-loris links. */
  handshakeTimeoutMs: number
  /**
   * Milliseconds for `authenticate` and for each `allowTopic`, after which the client is denied with `AUTH_TIMEOUT`;
   * default 5000.
   */
  authTimeoutMs: number
  /**
   * Milliseconds for a client to do its part in the handshake of a connection, and to sign an announcement;
   * default 10,000. Stops clients from keeping peers, and each other, waiting.
   */
  peerHandshakeTimeoutMs: number
  /**
   * Bytes that wait in all peer streams together; default 256 MiB. Each client may take an eighth of what is free, the
   * clients of one network half of it, and the peers that send to them wait at that point; so stalled clients leave room
   * for others, whatever their number.
   * Beyond the limit, streams of the client with the most waiting bytes are reset with `BUFFER_LIMIT` until the rest fits.
   */
  maxBufferedBytes: number
  /**
   * DHT queries at once, those of announcements and dials included; default 5. The rest wait for their turn, by network,
   * then by client. A DHT node has at most 80 requests in flight, ten per query, and more queries slow it down.
   */
  maxDhtQueries: number
  /**
   * DHT queries of one network that begin in a second, and as many at once after a pause; default 64. The rest wait for
   * their turn. All networks together have four times as many, or less while the event loop is busy, down to as many as one.
   * Beyond that, each has a sixteenth of its own, and after a pause the queries of a whole second; if more than 64 networks
   * use theirs, they share what 64 have. This machine's own network is exempt, as a reverse proxy on it looks like one.
   * Stops strangers from taking all of the server's time where the DHT answers fast; elsewhere `maxDhtQueries` allows fewer.
   */
  dhtQueriesPerSecond: number
  /**
   * Signatures of the clients of one network that are checked per second, with as many at once after a pause: proofs of
   * keys, and values to store; default 500. The rest wait for their turn. All networks together have four times as many, or
   * less while the event loop is busy, down to as many as one. Beyond that, each has a sixteenth of its own; if more than 64
   * networks use theirs, they share 64 sixteenths. This machine's own network is exempt. Stops strangers from taking all of
   * the server's time with signatures that are not valid.
   */
  signaturesPerSecond: number
  /**
   * Frames of all links of one network per second, with as many at once after a pause; default 100,000. A request counts as
   * 20, a notification as 3, data as 2. Beyond, its links are read in turn, so that the clients have to wait, except those
   * that send less than a hundredth of it. All links together have four times as many, apart from what is each one's own. More
   * than 50 links of a network share 50 hundredths, and more than 200 of all networks share 200; those that do no more than ping
   * do not count. On this machine's own network, each link may send that many, apart from all others. Stops strangers from
   * taking all of the server's time with frames that cost nothing to send.
   */
  framesPerSecond: number
  /**
   * Milliseconds by which the event loop may be late, on average over some seconds; default 500. Above it, newcomers are
   * denied with `LIMIT` and may retry later, and DHT queries and dials begin more slowly, until the delay is half as long.
   * Clients that are here are served, and may resume. Stops a server from taking more than it can serve.
   */
  maxEventLoopDelayMs: number
  /**
   * Requests of dials to single DHT nodes at once, one to three per dial; default 24. The rest wait for their turn, by
   * network, then by client. Stops dials to silent addresses from filling the window of 80 requests; together with
   * `maxDhtQueries` the defaults leave some for the node itself.
   */
  maxDialRequests: number
  /** Other clients that are reported to a query, or that a newcomer is reported to; default 512, chosen at random. */
  maxLocalPeers: number
}

const CLIENT_DEFAULTS: Readonly<ClientLimits> = Object.freeze({
  maxTopics: 1024,
  maxWatches: 2048,
  maxKeys: 4,
  listensPerSecond: 100,
  maxStreams: 1024,
  maxDials: 64,
  maxDialPacketsPerMinute: 600,
  maxPunchPacketsPerMinute: 2000,
  maxPendingHandshakes: 64,
  maxQueries: 128,
  localPeersPerSecond: 10_000,
  maxStreamBufferBytes: 8 * 1024 * 1024
})

const OWN_DEFAULTS = Object.freeze({
  ...CLIENT_DEFAULTS,
  maxClients: 1000,
  maxClientsPerNetwork: 1000,
  maxGreetings: 1024,
  greetingsPerSecond: 100,
  handshakeTimeoutMs: 10_000,
  authTimeoutMs: 5000,
  peerHandshakeTimeoutMs: 10_000,
  maxBufferedBytes: 256 * 1024 * 1024,
  maxDhtQueries: 5,
  dhtQueriesPerSecond: 64,
  signaturesPerSecond: 500,
  framesPerSecond: 100_000,
  maxDialRequests: 24,
  maxEventLoopDelayMs: 500,
  maxLocalPeers: 512
})

type OwnLimit = keyof typeof OWN_DEFAULTS

const { maxStreams: _, ...PROTOCOL_DEFAULTS } = DEFAULT_LIMITS

/** The defaults of every limit of a server. */
export const DEFAULT_SERVER_LIMITS: Readonly<ServerLimits> = Object.freeze({ ...PROTOCOL_DEFAULTS, ...OWN_DEFAULTS })

/** The limits that may be 0, which allows none. */
const MAY_BE_ZERO: ReadonlySet<string> = new Set(['maxTopics', 'maxWatches', 'maxKeys', 'maxDials', 'maxLocalPeers'])
const MAX_VALUE = 0x7fffffff

/**
 * Merges the given limits over the defaults.
 * @throws TypeError that names a limit that is unknown, not an integer or out of range
 */
export function settleLimits(given: Partial<ServerLimits> = {}): ServerLimits {
  const [own, protocol] = split(given)
  verifyLimits(protocol)
  const { maxClients = DEFAULT_SERVER_LIMITS.maxClients } = own
  return { ...DEFAULT_SERVER_LIMITS, maxClientsPerNetwork: maxClients, ...protocol, ...own }
}

/**
 * Merges a client's own limits over those of the server.
 * @throws TypeError that names the bad limit
 */
export function settleClientLimits(server: ServerLimits, given: Partial<ClientLimits> = {}): ClientLimits {
  for (const name of Object.keys(given))
    if (!Object.hasOwn(CLIENT_DEFAULTS, name)) throw badOption(`limits.${name} is not a client limit`)
  const own = split(given)[0]
  return Object.keys(own).length === 0 ? server : { ...server, ...own }
}

/** The part of a server's limits that sessions and links need. Clients open no streams, so their limit is none. */
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
  throw badOption(`limits.${name} must be an integer from ${min} to ${MAX_VALUE}, not ${String(value)}`)
}
