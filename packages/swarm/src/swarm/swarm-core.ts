/// <reference lib="esnext.disposable" preserve="true" />

import { reasonOf, TypedEmitter, trace } from '@swarmway/runtime'
import { abortError, assertSignal, type ConnectCallOptions } from '../dialing/waiters.js'
import type { PeerDiscovery } from '../discovery/peer-discovery.js'
import { assertMode, openSession, type PeerDiscoverySession } from '../discovery/session.js'
import { SwarmError, swarmDestroyed } from '../errors.js'
import type { Membership } from '../groups/membership.js'
import { membershipsOf, revocationsOf } from '../groups/options.js'
import type { Connection } from '../network/connection.js'
import type { DhtNode, DiscoveredPeer, NodeServer, SuspendOptions } from '../network/dht-node.js'
import type { OfflineState } from '../network/reachability.js'
import type { PeerInfo } from '../peers/peer-info.js'
import { check, isBoolean } from '../util/check.js'
import { assertPublicKey, createKeyPair, type KeyPair, type PublicKeyHex } from '../util/keys.js'
import { createStats, type SwarmStats } from '../util/stats.js'
import { assertTopic } from '../util/topic.js'
import { type CoreOptions, type RelayThrough, settle, toRelayFunction } from './options.js'
import { SwarmParts } from './parts.js'
import type {
  DestroyOptions,
  JoinOptions,
  LeaveOptions,
  PeerVerdict,
  SwarmEvents,
  SwarmNetwork
} from './swarm-types.js'

/** A topic-based swarm over any DHT node. `Swarm` is the one over HyperDHT. */
export class SwarmCore extends TypedEmitter<SwarmEvents> {
  /** The swarm's identity: what peers know it by, and what proves it. */
  readonly keyPair: KeyPair
  /** The node, borrowed or the swarm's own. */
  readonly dht: DhtNode
  /** Accepts connections on the swarm's key. */
  readonly server: NodeServer
  /** Counters; may be read at any time. */
  readonly stats: SwarmStats = createStats()
  /** Open connections. */
  readonly connections: Set<Connection>
  /** Known peers, by public key in hex. */
  readonly peers: Map<PublicKeyHex, PeerInfo>
  /** Peers asked for with `joinPeer`. */
  readonly explicitPeers: Set<PeerInfo>
  /** Settles when the swarm's key is announced; null before the first `listen` or join as a server. */
  listening: Promise<unknown> | null = null
  /** Whether `destroy` was called. */
  destroyed = false

  readonly #parts: SwarmParts
  #relayThrough: RelayThrough | null
  #destroying: Promise<void> | null = null

  constructor(options: CoreOptions, network: (keyPair: KeyPair) => SwarmNetwork) {
    super()
    const settings = settle(options)
    this.keyPair = options.keyPair ?? createKeyPair(options.seed)
    const memberships = membershipsOf(options, this.keyPair.publicKey)
    const revocations = revocationsOf(options)
    this.#relayThrough = toRelayFunction(options.relayThrough)
    const swarmNetwork = network(this.keyPair)
    this.dht = swarmNetwork.node
    this.#parts = new SwarmParts(
      this,
      { network: swarmNetwork, settings, memberships, revocations, handshakeClearWait: options.handshakeClearWait },
      {
        relay: (force) => this.#relayThrough?.(force, this) ?? null,
        judgePeer: (peer, topic) => this.judgePeer(peer, topic),
        onDiscoveryCycle: (topic, isDone) => this.onDiscoveryCycle(topic, isDone)
      }
    )
    this.server = this.#parts.server
    this.connections = this.#parts.opened.connections
    this.peers = this.#parts.peers.map
    this.explicitPeers = this.#parts.explicit.kept
  }

  /** Chooses the relay of a connection; see the option. Null for none. */
  get relayThrough(): RelayThrough | null {
    return this.#relayThrough
  }

  set relayThrough(relayThrough: CoreOptions['relayThrough']) {
    this.#relayThrough = toRelayFunction(relayThrough)
  }

  /** Dials in progress. */
  get connecting(): number {
    return this.#parts.dialer.connecting
  }

  /** Whether the swarm is suspended, suspending or resuming. */
  get suspended(): boolean {
    return this.#parts.lifecycle.suspended
  }

  /** Whether the network answers, as far as is known; see the events `online` and `offline`. */
  get online(): boolean {
    return this.offline === null
  }

  /** Why the swarm is offline and when the network is tried again; null while it is online. */
  get offline(): OfflineState | null {
    return this.#parts.health.offline
  }

  /** See the option; may be changed at any time, like the next three. Lowering it closes nothing. */
  get maxPeers(): number {
    return this.#parts.limits.dialPeers
  }

  set maxPeers(maxPeers: number) {
    this.#parts.limits.change({ maxPeers })
  }

  /** See the option. */
  get maxClientConnections(): number {
    return this.#parts.limits.maxClientConnections
  }

  set maxClientConnections(maxClientConnections: number) {
    this.#parts.limits.change({ maxClientConnections })
  }

  /** See the option. */
  get maxServerConnections(): number {
    return this.#parts.limits.maxServerConnections
  }

  set maxServerConnections(maxServerConnections: number) {
    this.#parts.limits.change({ maxServerConnections })
  }

  /** See the option. */
  get maxParallel(): number {
    return this.#parts.limits.maxParallel
  }

  set maxParallel(maxParallel: number) {
    this.#parts.limits.change({ maxParallel })
  }

  /**
   * Finds peers of `topic`, 32 bytes, and is found by them. Returns a session: to leave the topic, destroy it or
   * call `leave`. Throws a `TypeError` on a bad argument, DESTROYED, ABORTED, or NOT_A_MEMBER (see the option `group`).
   */
  join(topic: Uint8Array, options: JoinOptions = {}): PeerDiscoverySession {
    assertTopic(topic)
    assertMode(options)
    assertSignal(options)
    this.#assertUsable()
    if (options.signal?.aborted) throw abortError(options.signal)
    const group = options.group === undefined ? null : this.#parts.groups.choose(options.group)
    const discovery = this.#parts.topics.join(topic, this.suspended, group)
    if (group !== null) this.#parts.opened.memberships.strikeAll()
    return openSession(discovery, options, options.signal)
  }

  /** Ends all sessions of `topic`. Resolves when it is withdrawn. Open connections stay, unless `close` is true. */
  async leave(topic: Uint8Array, options: LeaveOptions = {}): Promise<void> {
    assertTopic(topic)
    check(options, 'close', 'a boolean', isBoolean)
    const left = this.#parts.topics.leave(topic)
    const closed = options.close === true ? this.#parts.opened.closeTopic(topic) : null
    await Promise.all([left, closed, this.#parts.arrivals.forgetTopic(topic)])
  }

  /** The topic's discovery, null if it is not joined. */
  status(topic: Uint8Array): PeerDiscovery | null {
    assertTopic(topic)
    return this.#parts.topics.get(topic) ?? null
  }

  /** The discoveries of all joined topics. */
  topics(): IterableIterator<PeerDiscovery> {
    return this.#parts.topics[Symbol.iterator]()
  }

  /** Keeps a connection to the peer with this key, ignoring all limits, until `leavePeer`. Does nothing after `destroy`. */
  joinPeer(publicKey: Uint8Array): void {
    assertPublicKey(publicKey)
    // `destroy` closes connections, and their close listeners may call this.
    if (!this.destroyed) this.#parts.explicit.join(publicKey)
  }

  /** Undoes `joinPeer`. An open connection stays. */
  leavePeer(publicKey: Uint8Array): void {
    assertPublicKey(publicKey)
    this.#parts.explicit.leave(publicKey)
  }

  /**
   * Connects to the peer with this key now, ignoring all limits. Resolves to the connection, for which a `connection`
   * event is emitted as well. Rejects with the code that ended the dial (as in `dial-error`), or BANNED, SELF, ABORTED,
   * SUSPENDED or DESTROYED.
   */
  async connect(publicKey: Uint8Array, options: ConnectCallOptions = {}): Promise<Connection> {
    assertPublicKey(publicKey)
    assertSignal(options)
    this.#assertUsable()
    if (this.suspended) throw new SwarmError('SUSPENDED', 'the swarm is suspended; resume it first')
    if (options.signal?.aborted) throw abortError(options.signal)
    return await this.#parts.explicit.connect(publicKey, options.signal)
  }

  /**
   * Closes everything with the peer, and leaves it alone: for a minute in both directions, then until a lookup finds it or
   * it dials us. `connect` and `joinPeer` end that. Resolves when its connection has closed.
   */
  async disconnect(publicKey: Uint8Array): Promise<void> {
    assertPublicKey(publicKey)
    await this.#parts.explicit.disconnect(publicKey)
  }

  /**
   * Takes a list of former members that a group has signed, made by `group.revoke`: closes the connections that depend on
   * such a membership, and admits none from then on. Returns false if the list is not later than the current one. Throws
   * MEMBERSHIP_INVALID unless a group has signed it.
   */
  revoke(list: Uint8Array): boolean {
    this.#assertUsable()
    return this.#parts.opened.memberships.revoke(list)
  }

  /**
   * Replaces the membership that the swarm holds of the same group: the next handshakes carry the new one.
   * Throws a `TypeError`, MEMBERSHIP_INVALID, or NOT_A_MEMBER if the swarm holds none of this group.
   */
  renew(membership: Membership): void {
    this.#assertUsable()
    this.#parts.groups.renew(membership)
    if (!this.suspended) this.#parts.topics.refreshLater()
  }

  /** Announces the swarm's key, so that peers can dial it by key without a topic. */
  listen(): Promise<unknown> {
    if (this.destroyed) return Promise.reject(swarmDestroyed())
    if (this.listening === null) {
      const listening = this.server.listen(this.keyPair)
      this.listening = listening
      const key = this.keyPair.publicKey
      const onListening = () => trace.accept?.('listening', { key })
      listening.then(onListening, (error) => {
        trace.accept?.('listen-failed', { key, ...reasonOf(error) })
        if (this.listening === listening) this.listening = null
      })
    }
    return this.listening
  }

  /**
   * Waits until all lookups and announces in progress are done and every peer found has been tried. Resolves to true
   * then, to false if the swarm is suspended or destroyed, before or meanwhile.
   */
  async flush(): Promise<boolean> {
    await this.#parts.topics.flushed()
    return this.#parts.dialer.flush()
  }

  /** Leaves all topics. */
  clear(): Promise<void> {
    return this.#parts.topics.clear()
  }

  /** Closes all connections and stays silent until `resume`. Topics stay joined and peers known. Does nothing after `destroy`. */
  async suspend(options?: SuspendOptions): Promise<void> {
    if (!this.destroyed) await this.#parts.lifecycle.suspend(options)
  }

  /** Ends a suspension: announces, looks up and dials again. Does nothing after `destroy`. */
  async resume(options?: SuspendOptions): Promise<void> {
    if (!this.destroyed) await this.#parts.lifecycle.resume(options)
  }

  /** Leaves all topics and closes all connections, and the DHT node if the swarm owns it. Always the same promise. May be
   * the listener of any event. */
  destroy(options?: DestroyOptions): Promise<void> {
    this.destroyed = true
    this.#destroying ??= this.#parts.lifecycle.destroy(Boolean(options?.force))
    return this.#destroying
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy()
  }

  /** For subclasses: decides about a peer found by a lookup. If it throws, the peer is ignored. */
  protected judgePeer(_peer: DiscoveredPeer, _topic: Uint8Array): PeerVerdict {
    return 'dial'
  }

  /** For subclasses: a lookup or announce of `topic` has ended. Not called for the short re-lookups. */
  protected onDiscoveryCycle(_topic: Uint8Array, _isDone: boolean): void {}

  #assertUsable(): void {
    if (this.destroyed) throw swarmDestroyed()
  }
}
