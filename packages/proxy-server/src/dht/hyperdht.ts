/** The part of HyperDHT that this package uses; HyperDHT has no types. */
import type { UdxStream } from '@swarmway/swarm/hyperdht'

/** An address on the network. */
export interface DhtAddress {
  host: string
  port: number
}

/** A peer, as reported by a DHT node. */
export interface DhtPeer {
  publicKey: Uint8Array
  relayAddresses: DhtAddress[]
}

/** A node, as it appears in replies; `id` is null if the node does not tell it. */
export interface DhtNodeAddress extends DhtAddress {
  id: Uint8Array | null
}

/** A reply to any query; the fields depend on the query. */
export interface DhtReply {
  from: DhtNodeAddress
  /** Allows a request that stores something at the node. */
  token: Uint8Array | null
  peers?: DhtPeer[]
  peer?: DhtPeer
}

/** A query in progress. */
export interface DhtQuery extends AsyncIterable<DhtReply> {
  readonly closestNodes: DhtAddress[]
  /** The replies of the closest nodes. */
  readonly closestReplies: Pick<DhtReply, 'from' | 'token'>[]
  destroy(): void
}

/** Signs announcements in place of a secret key. Must reject with plain `Error`s only, see `plainly`. */
export type DhtSigner = (
  target: Uint8Array,
  token: Uint8Array,
  nodeId: Uint8Array,
  announcement: { peer: DhtPeer; refresh: Uint8Array | null }
) => Promise<Uint8Array>

/** Signers for both directions. */
export interface DhtSigners {
  signAnnounce: DhtSigner
  signUnannounce: DhtSigner
}

/** Options of the queries used here. */
export interface DhtQueryOptions {
  closestNodes?: DhtAddress[]
  hash?: boolean
  /** Where to begin, instead of the nodes that the node knows. */
  nodes?: DhtAddress[] | null
}

/** Requests that end together. */
export interface DhtSession {
  destroy(): void
}

/** Sends the requests of dials to single nodes. */
export interface DhtRouter {
  peerHandshake(target: Uint8Array, options: { session?: DhtSession }, to: DhtAddress): Promise<unknown>
  peerHolepunch(target: Uint8Array, options: { session?: DhtSession }, to: DhtAddress): Promise<unknown>
}

/** A request to one node. */
export interface DhtRequest {
  command: number
  target: Uint8Array
  token: Uint8Array
  value: Uint8Array
}

/** Stands in for a key pair: the client holds the secret half. */
export interface DhtKey {
  publicKey: Uint8Array
}

/** What a handshake sends to the remote node; see hyperdht's lib/messages.js. */
export interface NoisePayload {
  version: number
  error: number
  firewall: number
  holepunch: { id: number; relays: { relayAddress: DhtAddress; peerAddress: DhtAddress }[] } | null
  addresses4: DhtAddress[]
  addresses6: DhtAddress[]
  udx: { id: number; seq: number; reusableSocket: boolean } | null
  secretStream: { version: number } | null
  relayThrough: { publicKey: Uint8Array; token: Uint8Array } | null
  relayAddresses: DhtAddress[] | null
}

/** A finished handshake, as HyperDHT expects it. */
export interface DhtHandshakeResult {
  isInitiator: boolean
  publicKey: Uint8Array
  remotePublicKey: Uint8Array | null
  holepunchSecret: Uint8Array
  hash: Uint8Array
  rx: Uint8Array
  tx: Uint8Array
}

/** A handshake as HyperDHT drives it. */
export interface DhtHandshake {
  remotePublicKey: Uint8Array | null
  send(payload: NoisePayload): Promise<Uint8Array>
  recv(message: Uint8Array): Promise<NoisePayload | null>
  final(): DhtHandshakeResult
}

/** A UDX stream. */
export interface RawStream extends UdxStream {
  readonly remoteHost: string | null
  readonly destroying: boolean
  write(chunk: Uint8Array): boolean
  end(): void
  pause(): void
  resume(): void
  on(event: 'data', listener: (chunk: Uint8Array) => void): this
  on(event: 'end' | 'drain' | 'close', listener: () => void): this
  on(event: 'error', listener: (error: Error) => void): this
}

/** The part of a secret stream that HyperDHT uses. */
export interface SecretStreamLike {
  readonly rawStream: RawStream | null
  readonly destroying: boolean
  start(rawStream: RawStream): void
  destroy(error?: Error): void
}

/** Creates the replacement for a secret stream; on the accepting side, `handshake` is what `final` returned. */
export type CreateSecretStream = (
  isInitiator: boolean,
  rawStream: RawStream | null,
  options: { handshake?: DhtHandshakeResult }
) => SecretStreamLike

/** Whether to continue a hole punch. */
export type HolepunchGuard = (
  remoteFirewall: number,
  localFirewall: number,
  remoteAddresses: DhtAddress[],
  localAddresses: DhtAddress[]
) => boolean

/** Options of {@link HyperDht.connect}. */
export interface DhtConnectOptions {
  keyPair: DhtKey
  relayAddresses: DhtAddress[]
  localConnection: boolean
  createHandshake: () => DhtHandshake
  createSecretStream: CreateSecretStream
  holepunch: HolepunchGuard
}

/** Options of {@link HyperDht.createServer}. */
export interface DhtServerOptions {
  createHandshake: () => DhtHandshake
  createSecretStream: CreateSecretStream
  shareLocalAddress: boolean
  firewall: (remotePublicKey: Uint8Array, payload: NoisePayload, address: DhtAddress | null) => boolean
  holepunch: HolepunchGuard
}

/** Accepts connections on a key. */
export interface DhtServer {
  readonly relayAddresses: DhtAddress[]
  /** Announces again, soon. */
  refresh(): void
  listen(keyPair: DhtKey, signers: DhtSigners): Promise<unknown>
  close(): Promise<void>
}

/** A stored mutable value. */
export interface MutableRecord {
  seq: number
  value: Uint8Array
  signature: Uint8Array
}

/** A HyperDHT node. */
export interface HyperDht {
  readonly destroyed: boolean
  /** Whether the network answers. */
  readonly online: boolean
  /** Whether packets from strangers fail to reach it; true until the node finds that they arrive. */
  readonly firewalled: boolean
  readonly bootstrapNodes: DhtAddress[]
  /** The routing table. */
  readonly nodes: { readonly length: number }
  connect(publicKey: Uint8Array, options: DhtConnectOptions): SecretStreamLike
  createServer(options: DhtServerOptions): DhtServer
  lookup(topic: Uint8Array, options?: DhtQueryOptions): DhtQuery
  /** Sends a request to a node; rejects if it does not answer. */
  request(request: DhtRequest, to: DhtAddress): Promise<unknown>
  session(): DhtSession
  readonly _router: DhtRouter
  /** Records that the node itself stores; null until it stores any. */
  readonly _persistent?: { unannounce(topic: Uint8Array, publicKey: Uint8Array): void } | null
  findPeer(target: Uint8Array, options: DhtQueryOptions): DhtQuery
  mutablePut(
    key: DhtKey,
    value: Uint8Array,
    options: { seq: number; signMutable: () => Uint8Array }
  ): Promise<{ seq: number }>
  mutableGet(publicKey: Uint8Array, options: { seq: number; latest: boolean }): Promise<MutableRecord | null>
  immutablePut(value: Uint8Array): Promise<{ hash: Uint8Array }>
  immutableGet(target: Uint8Array): Promise<{ value: Uint8Array } | null>
  destroy(options?: { force?: boolean }): Promise<void>
}
