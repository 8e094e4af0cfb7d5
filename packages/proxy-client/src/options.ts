import type { Clock, DuplexLike, ProtocolLimits, ProxyError } from '@swarmway/proxy-protocol'
import type { AbortSignalLike, CoreOptions, WallClock } from '@swarmway/swarm/core'

/**
 * Opens a duplex to a proxy server. Called for each new link. `signal` aborts if nobody waits for it any longer: after
 * `connectTimeoutMs`, or because the client reconnects or ends. `serverName` is the server's name, host[:port], which
 * proofs of keys name, so that no other server accepts them; without it the option `serverName` applies.
 */
export type Connect = ((signal?: AbortSignalLike) => DuplexLike | Promise<DuplexLike>) & {
  readonly serverName?: string | undefined
  /** The server's URL, for `auth` and for people. Default: unknown. */
  readonly url?: string | undefined
  /** The HTTP proxy on the way, without its credentials. Default: none. */
  readonly httpProxy?: string | undefined
}

/** Bytes, or a string that is sent as UTF-8; at most 8192 bytes. Undefined: nothing. */
export type Credentials = Uint8Array | string | undefined

/** What a function `auth` is told about the link that needs credentials. */
export interface AuthRequest {
  /** Number of the attempt since the last link, from 1. */
  readonly attempt: number
  /** The server's URL, if its `connect` has one, as those of `websocket` have; otherwise null. */
  readonly url: string | null
  /** Why the last attempt failed or the last link ended: with AUTH_DENIED, the last credentials were refused. Null at first. */
  readonly lastError: ProxyError | null
  /** Aborts when the result is no longer needed. */
  readonly signal: AbortSignalLike
}

/** In which order servers are preferred; see the option `serverOrder`. */
export type ServerOrder = 'shuffle' | 'listed' | 'nearest'

/** Options of a `ProxyClient`: those of a swarm, and how to reach the proxy server. */
export interface ProxyClientOptions extends CoreOptions {
  /**
   * Opens a duplex to the server; give several functions for several servers, of which `serverOrder` prefers one. With
   * it the client reconnects automatically. Give either `connect` or `connection`. Default: none.
   */
  connect?: Connect | readonly Connect[] | undefined
  /**
   * Which of several servers is preferred: a random one, so that the clients of a dead server spread over the others,
   * those of a fleet by the room they have (`shuffle`); the first of the list (`listed`); or the one with the shortest round trip, which is measured at the
   * start (`nearest`). While a server still holds the session, it comes first. A client at another server returns to a
   * preferred one while it has no connections. Default: 'shuffle'.
   */
  serverOrder?: ServerOrder | undefined
  /**
   * How to reach further servers of the fleet that the server belongs to: it names them, and this function opens links to
   * them; `websocket` will do. They are used when no server of `connect` answers, those with the most room most often; with
   * `serverOrder` 'nearest', like those of `connect`. A client that is here by wss:// goes to no ws:// URL. Default: none, the
   * client stays with the servers of `connect`.
   */
  fleet?: ((url: string) => Connect | readonly Connect[]) | undefined
  /**
   * A duplex to the server, or null to start later with `reconnect(duplex)`. The client does not
   * reconnect automatically: call `reconnect` on the event `disconnected`. Default: none.
   */
  connection?: DuplexLike | null | undefined
  /**
   * The name of the server if its `connect` does not give it, as over TCP: host, or host:port if the port is not 80 or
   * 443, as in the server's option `names`. Proofs of keys name it, so that no other accepts them. Default: unknown.
   */
  serverName?: string | undefined
  /**
   * Credentials for the server's `authenticate`, or a function that returns them, also asynchronously. It is called for
   * every link, before the link is opened, and has `connectTimeoutMs`. If it fails, the event `disconnected` has
   * AUTH_UNAVAILABLE, with what it threw as the `cause`, and it is called again later. Default: nothing.
   */
  auth?: Credentials | ((request: AuthRequest) => Credentials | Promise<Credentials>)
  /** Free text that the server may log. Default: "swarmway". */
  userAgent?: string | undefined
  /**
   * Milliseconds before the first attempt to reconnect, doubled with each failure; half of a wait is random. Starts over
   * after a link that lived for 10 s. `reconnect`, and signs that the network is back, lead to an attempt at once, and to
   * further ones after the same growing waits. At least 10. Default: 250.
   */
  reconnectMinMs?: number | undefined
  /**
   * Maximum milliseconds between two attempts; at least 100. Only a server that asks for more time gets it, up to an
   * hour and a quarter. Default: 30000.
   */
  reconnectMaxMs?: number | undefined
  /** Milliseconds for a duplex to open and the server to answer. Default: 10000. */
  connectTimeoutMs?: number | undefined
  /**
   * Milliseconds between keep-alives on idle connections with peers that are not clients of the same server; 0: none. Those
   * with clients of the same server need none: the links have their own. Default: 5000, as HyperDHT.
   */
  keepAliveMs?: number | undefined
  /**
   * Overrides of the protocol's limits, windows and ping times. Default: those of the protocol, except 20,000 for
   * `requestsPerSecond`, 4096 for `maxRequests` and 5000 for `streamsPerSecond`.
   */
  limits?: Partial<ProtocolLimits> | undefined
}

/** The verified options of an uplink. */
export interface UplinkSettings {
  readonly connects: readonly Connect[]
  readonly serverOrder: ServerOrder
  /** Opens links to servers that a server has named; null: they are ignored. */
  readonly fleet: ((url: string) => Connect | readonly Connect[]) | null
  /** Whether new links are opened automatically. */
  readonly reconnects: boolean
  /** For functions `connect` that do not give it. */
  readonly serverName: string
  readonly auth: Uint8Array | ((request: AuthRequest) => Credentials | Promise<Credentials>)
  readonly userAgent: string
  readonly reconnectMinMs: number
  readonly reconnectMaxMs: number
  readonly connectTimeoutMs: number
  readonly limits: Partial<ProtocolLimits>
  readonly clock: Clock
  readonly wallClock: WallClock
  readonly random: () => number
}
