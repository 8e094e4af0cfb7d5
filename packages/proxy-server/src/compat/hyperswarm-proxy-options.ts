import type { Connection, KeyPair, PeerInfo, Swarm } from '@swarmway/swarm'
import type { ProxyServerOptions } from '../options.js'

/** Handles a connection to the server's own key. */
export type HandleIncoming = (socket: Connection, info: PeerInfo) => void

/** Options of hyperswarm-proxy's server, in addition to those of `ProxyServer`. */
export interface HyperswarmProxyServerOptions extends ProxyServerOptions {
  /**
   * True stops the server's own DHT node from serving others, false makes it serve at once. Default: the node decides.
   * @deprecated Create the node with `new HyperDHT({ ephemeral })` and pass it as `dht`.
   */
  ephemeral?: boolean | undefined
  /**
   * A `Swarm` or a HyperDHT instance to use. The server never destroys it.
   * @deprecated Use `dht`.
   */
  network?: Swarm | object | undefined
  /**
   * Handles connections to the server's own key, which is then announced on every topic that clients look up.
   * Default: the server has no key, so peers cannot connect to it.
   * @deprecated Clients announce themselves and accept connections. To give the server its own key, run a `Swarm`
   * next to it.
   */
  handleIncoming?: HandleIncoming | undefined
  /** The server's own key, for `handleIncoming`. Default: derived from `seed`, or random. */
  keyPair?: KeyPair | undefined
  /** 32 bytes from which the server's own key is derived. */
  seed?: Uint8Array | undefined
}
