/// <reference lib="esnext.disposable" preserve="true" />

import { callApplication, reasonOf, TypedEmitter, trace } from '@swarmway/runtime'
import { Acceptor, type AcceptorContext } from '../connections/acceptor.js'
import { FirewallCheck } from '../connections/firewall.js'
import type { GateContext } from '../connections/gate.js'
import { Gate } from '../connections/gate.js'
import { ConnectionLimits } from '../connections/limits.js'
import { OpenedConnections, type OpenedContext } from '../connections/opened.js'
import { ConnectionTable } from '../connections/table.js'
import type { DialerContext } from '../dialing/dialer.js'
import { Dialer } from '../dialing/dialer.js'
import { abortError, assertSignal, type ConnectCallOptions } from '../dialing/waiters.js'
import type { PeerFinder } from '../discovery/finder.js'
import type { PeerDiscovery } from '../discovery/peer-discovery.js'
import { assertMode, openSession, type PeerDiscoverySession } from '../discovery/session.js'
import { Topics } from '../discovery/topics.js'
import { invalidArgument, SwarmError } from '../errors.js'
import { GroupGuard } from '../groups/guard.js'
import type { Membership } from '../groups/membership.js'
import { membershipsOf, revocationsOf } from '../groups/options.js'
import { Identity } from '../handshake/identity.js'
import type { Connection } from '../network/connection.js'
import type { DhtNode, DiscoveredPeer, NodeServer, SuspendOptions } from '../network/dht-node.js'
import type { PeerInfo } from '../peers/peer-info.js'
import { PeerTable } from '../peers/peer-table.js'
import { assertPublicKey, createKeyPair, type KeyPair, type PublicKeyHex } from '../util/keys.js'
import { createStats, type SwarmStats } from '../util/stats.js'
import { assertTopic } from '../util/topic.js'
import { Arrivals, type ArrivalsContext } from './arrivals.js'
import { Lifecycle } from './lifecycle.js'
import { NodeShare } from './node-share.js'
import { type CoreOptions, type RelayThrough, type Settings, settle, toRelayFunction } from './options.js'
import type {
  DestroyOptions,
  JoinOptions,
  LeaveOptions,
  PeerVerdict,
  SwarmEvents,
  SwarmNetwork
} from './swarm-types.js'

/** The longest delay of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** What the parts of a swarm need from each other. Each part declares what it takes; only the swarm knows them all. */
type Parts = AcceptorContext & GateContext & OpenedContext & DialerContext & ArrivalsContext

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
  readonly explicitPeers = new Set<PeerInfo>()
  /** Settles when the swarm's key is announced; null before the first `listen` or join as a server. */
  listening: Promise<unknown> | null = null
  /** Whether `destroy` was called. */
  destroyed = false

  readonly #network: SwarmNetwork
  readonly #share: NodeShare
  readonly #context: Parts
  readonly #topics: Topics
  readonly #groups: GroupGuard
  readonly #dialer: Dialer
  readonly #opened: OpenedConnections
  readonly #arrivals: Arrivals
  readonly #lifecycle: Lifecycle
  readonly #finders: readonly PeerFinder[]
  #relayThrough: RelayThrough | null
  #destroying: Promise<void> | null = null

  constructor(options: CoreOptions, network: (keyPair: KeyPair) => SwarmNetwork) {
    super()
    const settings = settle(options)
    this.keyPair = options.keyPair ?? createKeyPair(options.seed)
    const memberships = membershipsOf(options, this.keyPair.publicKey)
    const revocations = revocationsOf(options)
    this.#relayThrough = toRelayFunction(options.relayThrough)
    this.#network = network(this.keyPair)
    this.dht = this.#network.node
    this.#share = NodeShare.of(this.dht, settings.maxQueries)
    this.#topics = this.#createTopics(settings)
    const { publicKey } = this.keyPair
    const { wallClock } = settings
    this.#groups = new GroupGuard({ publicKey, memberships, revocations, wallClock, topics: this.#topics })
    this.#context = this.#createContext(settings)
    this.peers = this.#context.peers.map
    this.#dialer = new Dialer(this.#context)
    this.#opened = new OpenedConnections(this.#context, {
      onOpened: (info, connection) => this.#onOpened(info, connection),
      onLost: (info) => this.#onLost(info)
    })
    this.connections = this.#opened.connections
    const acceptor = new Acceptor(this.#context)
    const serverOptions = new Gate(this.#context).serverOptions(options.handshakeClearWait)
    this.server = this.dht.createServer(serverOptions, (connection) => acceptor.accept(connection))
    this.#finders = this.#network.createFinders?.(this.server) ?? []
    this.#arrivals = new Arrivals(this.#context, this.#dialer, this.#opened, (...found) => this.#judge(...found))
    this.#lifecycle = this.#createLifecycle()
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
    return this.#dialer.connecting
  }

  /** Whether the swarm is suspended, suspending or resuming. */
  get suspended(): boolean {
    return this.#lifecycle.suspended
  }

  /** See the option; may be changed at any time, like the next three. Lowering it closes nothing. */
  get maxPeers(): number {
    return this.#context.limits.dialPeers
  }

  set maxPeers(maxPeers: number) {
    this.#context.limits.maxPeers = maxPeers
    this.#dialer.pump()
  }

  /** See the option. */
  get maxClientConnections(): number {
    return this.#context.limits.maxClientConnections
  }

  set maxClientConnections(maxClientConnections: number) {
    this.#context.limits.maxClientConnections = maxClientConnections
    this.#dialer.pump()
  }

  /** See the option. */
  get maxServerConnections(): number {
    return this.#context.limits.maxServerConnections
  }

  set maxServerConnections(maxServerConnections: number) {
    this.#context.limits.maxServerConnections = maxServerConnections
    this.#dialer.pump()
  }

  /** See the option. */
  get maxParallel(): number {
    return this.#context.limits.maxParallel
  }

  set maxParallel(maxParallel: number) {
    this.#context.limits.maxParallel = maxParallel
    this.#dialer.pump()
  }

  /**
   * Finds peers of `topic`, 32 bytes, and is found by them. Returns a session: to leave the topic, destroy it or
   * call `leave`. Throws a `TypeError` on a bad argument, DESTROYED, ABORTED, or NOT_A_MEMBER (see the option `group`).
   */
  join(topic: Uint8Array, options: JoinOptions = {}): PeerDiscoverySession {
    assertTopic(topic)
    assertMode(options)
    assertSignal(options.signal)
    this.#assertUsable()
    if (options.signal?.aborted) throw abortError(options.signal)
    const group = options.group === undefined ? null : this.#groups.choose(options.group)
    const discovery = this.#topics.join(topic, this.suspended, group)
    if (group !== null) this.#opened.memberships.strikeAll()
    return openSession(discovery, options, options.signal)
  }

  /** Ends all sessions of `topic`. Resolves when it is withdrawn. Open connections stay, unless `close` is true. */
  async leave(topic: Uint8Array, options: LeaveOptions = {}): Promise<void> {
    assertTopic(topic)
    const left = this.#topics.leave(topic)
    const closed = options.close === true ? this.#opened.closeTopic(topic) : null
    this.#arrivals.forgetTopic(topic)
    await Promise.all([left, closed])
  }

  /** The topic's discovery, null if it is not joined. */
  status(topic: Uint8Array): PeerDiscovery | null {
    assertTopic(topic)
    return this.#topics.get(topic) ?? null
  }

  /** The discoveries of all joined topics. */
  topics(): IterableIterator<PeerDiscovery> {
    return this.#topics[Symbol.iterator]()
  }

  /** Keeps a connection to the peer with this key, ignoring all limits, until `leavePeer`. */
  joinPeer(publicKey: Uint8Array): void {
    assertPublicKey(publicKey)
    this.#assertUsable()
    if (this.#context.identity.isSelf(publicKey)) return
    const info = this.#context.peers.upsert(publicKey)
    info.explicit = true
    info.parked = false
    this.explicitPeers.add(info)
    if (this.#context.table.has(publicKey)) this.#context.table.change(info, { isAllowance: true })
    this.#dialer.forget(info)
    this.#dialer.enqueue(info)
  }

  /** Undoes `joinPeer`. An open connection stays. */
  leavePeer(publicKey: Uint8Array): void {
    assertPublicKey(publicKey)
    const info = this.#context.peers.get(publicKey)
    if (info === undefined) return
    info.explicit = false
    this.explicitPeers.delete(info)
    this.#dialer.forget(info)
    this.#dialer.enqueue(info)
  }

  /**
   * Connects to the peer with this key now, ignoring all limits. Resolves to the connection, for which a `connection`
   * event is emitted as well. Rejects with the code that ended the dial (as in `dial-error`), or BANNED, SELF, ABORTED,
   * SUSPENDED or DESTROYED.
   */
  async connect(publicKey: Uint8Array, options: ConnectCallOptions = {}): Promise<Connection> {
    assertPublicKey(publicKey)
    assertSignal(options.signal)
    this.#assertUsable()
    if (this.suspended) throw new SwarmError('SUSPENDED', 'the swarm is suspended; resume it first')
    if (options.signal?.aborted) throw abortError(options.signal)
    if (this.#context.identity.isSelf(publicKey))
      throw new SwarmError('SELF', 'this is the public key of the swarm itself')
    if (this.#context.peers.get(publicKey)?.banned)
      throw new SwarmError('BANNED', 'the peer is banned; lift the ban first')
    const info = this.#context.peers.upsert(publicKey)
    info.parked = false
    return await this.#dialer.connect(info, options.signal)
  }

  /**
   * Closes everything with the peer, and leaves it alone until a lookup finds it again, or `connect` or `joinPeer`
   * asks for it. Resolves when its connection has closed.
   */
  async disconnect(publicKey: Uint8Array): Promise<void> {
    assertPublicKey(publicKey)
    const info = this.#context.peers.get(publicKey)
    if (info === undefined) return
    info.explicit = false
    this.explicitPeers.delete(info)
    info.parked = true
    this.#dialer.giveUp(info, new SwarmError('CANCELLED', 'disconnect was called for this peer'))
    await this.#opened.close(info)
  }

  /**
   * Takes a list of former members that a group has signed, made by `group.revoke`: closes the connections
   * that depend on such a membership, and admits none from then on. Returns false if the list is not later than the
   * current one. Throws MEMBERSHIP_INVALID unless a group has signed it.
   */
  revoke(list: Uint8Array): boolean {
    if (!(list instanceof Uint8Array)) throw invalidArgument('list', 'a list made by group.revoke', list)
    this.#assertUsable()
    return this.#opened.memberships.revoke(list)
  }

  /**
   * Replaces the membership that the swarm holds of the same group: the next handshakes carry the new one.
   * Throws a `TypeError`, MEMBERSHIP_INVALID, or NOT_A_MEMBER if the swarm holds none of this group.
   */
  renew(membership: Membership): void {
    this.#assertUsable()
    this.#groups.renew(membership)
    if (!this.suspended) this.#topics.refreshLater()
  }

  /** Announces the swarm's key, so that peers can dial it by key without a topic. */
  listen(): Promise<unknown> {
    if (this.destroyed) return Promise.reject(destroyedError())
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
    await this.#topics.flushed()
    return this.#dialer.flush()
  }

  /** Leaves all topics. */
  clear(): Promise<void> {
    return this.#topics.clear()
  }

  /** Closes all connections and stays silent until `resume`. Topics stay joined and peers known. */
  suspend(options: SuspendOptions = {}): Promise<void> {
    if (this.destroyed) return Promise.reject(destroyedError())
    return this.#lifecycle.suspend(options)
  }

  /** Ends a suspension: announces, looks up and dials again. */
  resume(options: SuspendOptions = {}): Promise<void> {
    if (this.destroyed) return Promise.reject(destroyedError())
    return this.#lifecycle.resume(options)
  }

  /** Leaves all topics and closes all connections, and the DHT node if the swarm owns it. Always the same promise. */
  destroy(options: DestroyOptions = {}): Promise<void> {
    this.destroyed = true
    this.#destroying ??= this.#lifecycle.destroy(options.force === true)
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

  #createTopics({ clock, random }: Settings): Topics {
    return new Topics({
      swarm: this,
      scheduler: this.#share.scheduler,
      clock,
      random,
      stats: this.stats.queries,
      onPeer: (peer, topic, isNews) => this.#arrivals.add(peer, topic, isNews),
      onGone: (publicKey) => this.#context.peers.get(publicKey)?.onLocal(null),
      finders: () => this.#finders,
      isReachable: () => this.#network.isReachable?.() ?? true,
      onCycle: (topic, isDone) => callApplication(() => this.onDiscoveryCycle(topic, isDone), ignore)
    })
  }

  #createContext(settings: Settings): Parts {
    const { clock, firewall, firewallTimeoutMs, wallClock } = settings
    const table = new ConnectionTable()
    return {
      node: this.dht,
      codec: this.#network.codec,
      identity: new Identity(this.keyPair),
      settings,
      peers: new PeerTable({
        clock,
        wallClock,
        onBanned: (info, ttlMs) => this.#onBanned(info, ttlMs),
        onUnbanned: (info) => this.#dialer.enqueue(info)
      }),
      table,
      limits: new ConnectionLimits(table, settings),
      firewall: new FirewallCheck(firewall, firewallTimeoutMs, clock),
      stats: this.stats,
      topics: this.#topics,
      groups: this.#groups,
      isActive: () => !this.destroyed && !this.suspended,
      relay: (force) =>
        callApplication(
          () => this.#relayThrough?.(force, this) ?? null,
          () => null
        ),
      onOpen: (info, open, told) => this.#opened.open(info, open, told),
      onTopicUpdate: (info, open, topics, memberships) => this.#opened.learn(info, open, topics, memberships),
      onSlotFreed: (info) => this.#dialer.onSlotFreed(info),
      emitUpdate: () => this.#emitUpdate(),
      emitDialError: (failure) => this.#emit('dial-error', failure)
    }
  }

  #createLifecycle(): Lifecycle {
    return new Lifecycle({
      network: this.#network,
      share: this.#share,
      server: this.server,
      finders: this.#finders,
      topics: this.#topics,
      opened: this.#opened,
      dialer: this.#dialer,
      firewall: this.#context.firewall
    })
  }

  #judge(peer: DiscoveredPeer, topic: Uint8Array): PeerVerdict {
    return callApplication(
      () => this.judgePeer(peer, topic),
      () => 'ignore'
    )
  }

  #assertUsable(): void {
    if (this.destroyed) throw destroyedError()
  }

  #onOpened(info: PeerInfo, connection: Connection): void {
    this.#network.onOpened?.(connection)
    this.#dialer.onOpen(info, connection)
    info.local = info.localAddress !== null || this.#finders.some((finder) => finder.isLocal(connection))
    this.#emit('connection', connection, info)
    this.#emitUpdate()
  }

  #onLost(info: PeerInfo): void {
    this.#dialer.onLost(info)
    this.#emitUpdate()
  }

  #onBanned(info: PeerInfo, ttlMs: number): void {
    this.stats.bannedPeers++
    this.#dialer.giveUp(info, new SwarmError('BANNED', 'the peer was banned'))
    if (ttlMs <= MAX_TIMER_MS) this.#dialer.enqueueLater(info, ttlMs)
    this.#emit('ban', info, null)
  }

  #emitUpdate(): void {
    if (this.destroyed) return
    this.stats.updates++
    this.#emit('update')
  }

  #emit<K extends keyof SwarmEvents>(event: K, ...args: SwarmEvents[K]): void {
    if (!this.destroyed) this.emit(event, ...args)
  }
}

function destroyedError(): SwarmError {
  return new SwarmError('DESTROYED', 'the swarm was destroyed; make a new one')
}

function ignore(): void {}
