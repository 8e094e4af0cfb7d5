import type {
  Address,
  Connection,
  ConnectOptions,
  DhtNode,
  KeyPair,
  NodeServer,
  Query,
  QueryOptions,
  ServerOptions
} from '@swarmway/swarm/core'
import type { RemoteDhtStats } from './hyperdht-members.js'

/** Takes the connections of a server. */
export type OnConnection = (connection: Connection) => void

/** A server of a {@link RemoteDht}. */
export interface RemoteDhtServer extends NodeServer {
  /** The key it listens on, null before `listen`. */
  readonly publicKey: Uint8Array | null
  /** Null before `listen`. There is no host: the key is reached through the proxy server. */
  address(): { publicKey: Uint8Array; host: null; port: number } | null
  /**
   * Listens on the key. Default: the node's. Rejects with DESTROYED after `close`, ALREADY_LISTENING,
   * KEYPAIR_ALREADY_USED if another server of the node listens on it, or as the proxy server refuses.
   */
  listen(keyPair?: KeyPair): Promise<unknown>
  on(event: 'connection', listener: OnConnection): this
  on(event: 'listening' | 'close', listener: () => void): this
}

/** The node of a `ProxyClient`, for packages and programs made for HyperDHT; its members mean the same there. */
export interface RemoteDht extends DhtNode {
  /** Whether there has been a session. */
  readonly bootstrapped: boolean
  /** The servers that listen. */
  readonly listening: ReadonlySet<RemoteDhtServer>
  /** Counters; those of packets stay 0. */
  readonly stats: RemoteDhtStats
  /** The key may be text, in hex or z-base-32. Throws a `TypeError` for anything else. */
  connect(publicKey: Uint8Array | string, options?: ConnectOptions): Connection
  /** Accepts connections outside of the swarm, after `listen`. */
  createServer(options?: ServerOptions | OnConnection | null, onConnection?: OnConnection): RemoteDhtServer
  /** Announces any key that we hold. The server finds the relay addresses. */
  announce(topic: Uint8Array, keyPair: KeyPair, relayAddresses?: Address[], options?: QueryOptions): Query
  /** Resolves with the first session. Rejects with what ends the link for good. */
  fullyBootstrapped(): Promise<void>
  /** The same as `fullyBootstrapped`. */
  ready(): Promise<void>
}
