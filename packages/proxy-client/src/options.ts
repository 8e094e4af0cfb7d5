import type { Clock, DuplexLike, ProtocolLimits } from '@swarmway/proxy-protocol'
import type { CoreOptions } from '@swarmway/swarm/core'

/**
 * Opens a duplex to a proxy server. Called again for each new link. `serverName` is the server's name, host[:port], which
 * proofs of keys name, so that no other server takes them; without it the option `serverName` holds.
 */
export type Connect = (() => DuplexLike | Promise<DuplexLike>) & { readonly serverName?: string | undefined }

/** Options of a `ProxyClient`: those of a swarm, and how to reach the proxy server. */
export interface ProxyClientOptions extends CoreOptions {
  /**
   * Opens a duplex to the server, or several for several servers, which are tried in turn. With it the client
   * reconnects by itself. One of `connect` and `connection` has to be given. Default: none.
   */
  connect?: Connect | readonly Connect[] | undefined
  /**
   * A duplex to the server, or null for none yet: then it begins with `reconnect(duplex)`. The client does not
   * reconnect by itself: call `reconnect` when `disconnected` tells. Default: none.
   */
  connection?: DuplexLike | null | undefined
  /**
   * The name of a server whose `connect` does not say it, as over TCP: host, or host:port if the port is not 80 or 443,
   * as in the server's option `names`. Proofs of keys name it, so that no other server takes them. Default: unknown.
   */
  serverName?: string | undefined
  /** What the server's `authenticate` gets: bytes, or a string that is sent as UTF-8. Default: nothing. */
  auth?: Uint8Array | string | undefined
  /** Free text that the server may log. Default: "swarmway". */
  userAgent?: string | undefined
  /** Milliseconds until the first try to reconnect, doubled with each failure, jittered by half. Default: 250. */
  reconnectMinMs?: number | undefined
  /** Most milliseconds between two tries. Default: 30000. */
  reconnectMaxMs?: number | undefined
  /** Milliseconds for a duplex to open and the server to answer. Default: 10000. */
  connectTimeoutMs?: number | undefined
  /** Milliseconds between keep-alives on connections. Default: 5000, as HyperDHT. */
  keepAliveMs?: number | undefined
  /**
   * Overrides of the protocol's limits, windows and ping times. Default: those of the protocol, but 20,000 for
   * `requestsPerSecond`, 4096 for `maxRequests` and 5000 for `streamsPerSecond`.
   */
  limits?: Partial<ProtocolLimits> | undefined
}

/** The settled options of an uplink. */
export interface UplinkSettings {
  readonly connects: readonly Connect[]
  /** Whether links are opened anew. */
  readonly reconnects: boolean
  /** Of those whose `connect` does not say it. */
  readonly serverName: string
  readonly auth: Uint8Array
  readonly userAgent: string
  readonly reconnectMinMs: number
  readonly reconnectMaxMs: number
  readonly connectTimeoutMs: number
  readonly limits: Partial<ProtocolLimits>
  readonly clock: Clock
  readonly random: () => number
}
