import type { Connection, KeyPair, PeerInfo, Swarm } from '@swarmway/swarm'
import type { ProxyServerOptions } from '../options.js'

/** Takes a connection to the server's own key. */
export type HandleIncoming = (socket: Connection, info: PeerInfo) => void

/** Options of hyperswarm-proxy's server, beside those of today. */
export interface HyperswarmProxyServerOptions extends ProxyServerOptions {
  /**
   * True keeps the server's own DHT node from serving others, false has it serve at once. Default: it decides itself.
   * @deprecated Make the node, `new HyperDHT({ ephemeral })`, and pass it as `dht`.
   */
  ephemeral?: boolean | undefined
  /**
   * A `Swarm` or a HyperDHT instance to work with. It is never destroyed by the server.
   * @deprecated Use `dht`.
   */
  network?: Swarm | object | undefined
  /**
   * Takes connections to the server's own key, which is then announced on every topic that clients look up. Default:
   * the server has no key, so nobody can connect to it.
   * @deprecated Clients announce themselves and accept connections. For a key of its own, run a `Swarm` beside it.
   */
  handleIncoming?: HandleIncoming | undefined
  /** The server's own key, for `handleIncoming`. Default: from `seed`, or at random. */
  keyPair?: KeyPair | undefined
  /** 32 bytes that the server's own key is made from. */
  seed?: Uint8Array | undefined
}
