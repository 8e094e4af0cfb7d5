import type { KeyPair } from '../util/keys.js'
import type { Connection } from './connection.js'
import type { OfflineState } from './reachability.js'

/** An address on the network. */
export interface Address {
  host: string
  port: number
}

/** The address that a handshake has come from, as far as it is known. */
export interface HandshakeAddress extends Address {
  /** The host that the handshake counts for, if `host` was named by somebody who may have invented it. */
  countedHost?: string
}

/** A peer as named in an announcement. */
export interface DiscoveredPeer {
  publicKey: Uint8Array
  relayAddresses: Address[]
  /** True if it was found on our local network; `relayAddresses` then is its address there, not an announcement. */
  local?: boolean
  /** True if it was found on our local network and has found us there, too, so that it dials us. */
  hasFoundUs?: boolean
  /** The node that named it, if known. */
  from?: Address
  /** True if our proxy server says that it is connected now. An announcement may be invented. */
  present?: boolean
}

/** One reply to a query. */
export interface QueryReply {
  peers: DiscoveredPeer[]
  /** The node that replied. */
  from?: Address
}

/** A node that answered a query. */
export interface ClosestNode extends Address {
  id: Uint8Array | null
}

/** A query in progress: iterate it for the replies, or wait for `finished`. */
export interface Query {
  [Symbol.asyncIterator](): AsyncIterator<QueryReply>
  /** The nodes nearest to the target that answered; final when the query has ended. */
  readonly closestNodes: ClosestNode[]
  finished(): Promise<void>
  destroy(): void
}

/** Options of queries. */
export interface QueryOptions {
  /** Where to begin, taken from an earlier query on the same target. */
  closestNodes?: ClosestNode[] | null
  /** Ask these nodes and no others. */
  onlyClosestNodes?: boolean
  /** Ask them even if they were slow or down. */
  force?: boolean
  /** With `announce`: withdraw older announcements of the same key first. */
  clear?: boolean
}

/** An announce that looks up at once, while the server may not listen yet. */
export interface EarlyAnnounce {
  /** Where it is reached is part of what is stored. */
  readonly server: NodeServer
  /** Settles when the server listens, or cannot; nothing is stored before. */
  readonly listening: Promise<unknown>
  /** Whether the announce is over: then nothing is stored any more. */
  isOver(): boolean
}

/** Returns further options for the node's `announce`. */
export type AnnounceEarly = (announce: EarlyAnnounce) => object

/** The two halves of a Noise IK handshake, as driven by a node. */
export interface NodeHandshake {
  remotePublicKey: Uint8Array | null
  send(payload: object): Uint8Array | Promise<Uint8Array>
  /**
   * Null on the dialling side if the answer is not the peer's, or not its first one. A node that has asked through
   * others then waits for their answers.
   */
  recv(message: Uint8Array): object | null | Promise<object | null>
  final(): object
}

/** Makes the handshake of one connection; `remotePublicKey` is null on the accepting side. */
export type CreateHandshake = (keyPair: KeyPair, remotePublicKey: Uint8Array | null) => NodeHandshake

/**
 * Makes the stream that encrypts a connection, from the raw stream that a node has opened, or, where that is null, will
 * pass to `start`. `options` are those of a `NoiseSecretStream`.
 */
export type CreateSecretStream = (isInitiator: boolean, rawStream: object | null, options: object) => object

/** Options of {@link DhtNode.connect}. */
export interface ConnectOptions {
  keyPair?: KeyPair
  relayAddresses?: Address[] | null
  relayThrough?: RelayChoice
  createHandshake?: CreateHandshake
  createSecretStream?: CreateSecretStream
}

/** Options of {@link DhtNode.createServer}. */
export interface ServerOptions {
  /** True refuses without an answer. The payload is the one that the handshake's `recv` returned. */
  firewall?: (
    remotePublicKey: Uint8Array,
    payload: object,
    address: HandshakeAddress | null
  ) => boolean | Promise<boolean>
  relayThrough?: () => RelayChoice
  handshakeClearWait?: number
  createHandshake?: CreateHandshake
  createSecretStream?: CreateSecretStream
}

/** The public key of a relay, several to choose from at random, or none. */
export type RelayChoice = Uint8Array | Uint8Array[] | null

/** Accepts connections on a key. */
export interface NodeServer {
  readonly closed: boolean
  readonly listening: boolean
  readonly relayAddresses: Address[]
  listen(keyPair: KeyPair): Promise<unknown>
  suspend(options?: SuspendOptions): Promise<void>
  resume(): Promise<void>
  close(): Promise<void>
  refresh(): void
  on(event: 'connection', listener: (connection: Connection) => void): unknown
}

/** Options of `suspend` and `resume`. */
export interface SuspendOptions {
  /** Called with a line per step, to find out what a suspension waits for. Default: none. */
  log?: (line: string) => void
}

/** Events of a {@link DhtNode} that a swarm listens to. */
export type NodeEvent = 'network-change' | 'network-update'

/**
 * What a swarm needs from the network. A HyperDHT instance satisfies it unchanged, and so does the remote node of
 * a proxy client.
 */
export interface DhtNode {
  readonly defaultKeyPair: KeyPair
  readonly destroyed: boolean
  readonly online: boolean
  /** Optional: why it is not online, and when it tries again. */
  readonly offline?: OfflineState | null
  /** Optional: the URL of a STUN server, asked for our own address when direct paths are opened; null for none. */
  readonly stunUrl?: string | null
  /** Whether the node's NAT uses a different port for each remote, so that relaying is needed; HyperDHT sets it. */
  readonly randomized?: boolean
  connect(publicKey: Uint8Array, options: ConnectOptions): Connection
  createServer(options: ServerOptions, onConnection: (connection: Connection) => void): NodeServer
  lookup(topic: Uint8Array, options?: QueryOptions): Query
  announce(topic: Uint8Array, keyPair: KeyPair, relayAddresses: Address[], options?: QueryOptions): Query
  lookupAndUnannounce(topic: Uint8Array, keyPair: KeyPair, options?: QueryOptions): Query
  unannounce(topic: Uint8Array, keyPair: KeyPair, options?: QueryOptions): Promise<void>
  findPeer(publicKey: Uint8Array, options?: object): unknown
  mutableGet(publicKey: Uint8Array, options?: object): Promise<unknown>
  mutablePut(keyPair: KeyPair, value: Uint8Array, options?: object): Promise<unknown>
  immutableGet(target: Uint8Array, options?: object): Promise<unknown>
  immutablePut(value: Uint8Array, options?: object): Promise<unknown>
  suspend(options?: SuspendOptions): Promise<void>
  resume(options?: SuspendOptions): Promise<void>
  destroy(options?: { force?: boolean }): Promise<void>
  on(event: NodeEvent, listener: () => void): unknown
  removeListener(event: NodeEvent, listener: () => void): unknown
  /**
   * Optional: reports peers of `topic` as they appear, without a query. The returned function ends it.
   * A proxy client's node has it, so that clients of one server meet at once.
   */
  watch?(topic: Uint8Array, onPeer: (peer: DiscoveredPeer) => void): () => void
}
