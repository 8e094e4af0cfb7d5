import type { Connection } from './connection.js'
import { Acceptor } from './connections/acceptor.js'
import { FirewallCheck } from './connections/firewall.js'
import { Gate } from './connections/gate.js'
import { ConnectionLimits } from './connections/limits.js'
import { OpenedConnections } from './connections/opened.js'
import { ConnectionTable } from './connections/table.js'
import type { SwarmContext } from './context.js'
import type { DhtNode, DiscoveredPeer, NodeServer, SuspendOptions } from './dht-node.js'
import { Dialer } from './dialing/dialer.js'
import { abortError, assertSignal, type ConnectCallOptions } from './dialing/waiters.js'
import type { PeerDiscovery } from './discovery/peer-discovery.js'
import { assertMode, type PeerDiscoverySession } from './discovery/session.js'
import { Topics } from './discovery/topics.js'
import { TypedEmitter } from './emitter.js'
import { SwarmError } from './errors.js'
import { Identity } from './identity.js'
import { assertPublicKey, createKeyPair, type KeyPair, type PublicKeyHex } from './keys.js'
import { NodeShare } from './node-share.js'
import { type CoreOptions, type RelayThrough, type Settings, settle, toRelayFunction } from './options.js'
import type { PeerInfo } from './peer-info.js'
import { PeerTable } from './peer-table.js'
import { createStats, type SwarmStats } from './stats.js'
import { Suspension } from './suspension.js'
import type { DestroyOptions, JoinOptions, LeaveOptions, SwarmEvents, SwarmNetwork } from './swarm-types.js'
import { assertTopic } from './topic.js'

/** The longest delay of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** A topic-based swarm over any DHT node. `Swarm` is the one over HyperDHT. */
export class SwarmCore<
  C extends Connection = Connection,
  Events extends SwarmEvents<C> & { [K in keyof Events]: unknown[] } = SwarmEvents<C>
> extends TypedEmitter<Events> {
  readonly keyPair: KeyPair
  /** The node, borrowed or the swarm's own. */
  readonly dht: DhtNode
  /** Accepts connections on the swarm's key. */
  readonly server: NodeServer
  readonly stats: SwarmStats = createStats()
  /** Open connections. */
  readonly connections: Set<C>
  /** Known peers, by public key in hex. */
  readonly peers: Map<PublicKeyHex, PeerInfo>
  /** Peers asked for with `joinPeer`. */
  readonly explicitPeers = new Set<PeerInfo>()
  /** Settles when the swarm's key is announced, null before the first `listen` or join as a server. */
  listening: Promise<unknown> | null = null
  destroyed = false

  readonly #network: SwarmNetwork
  readonly #share: NodeShare
  readonly #context: SwarmContext
  readonly #topics: Topics
  readonly #dialer: Dialer
  readonly #opened: OpenedConnections
  readonly #suspension = new Suspension({
    doSuspend: (options) => this.#doSuspend(options),
    doResume: (options) => this.#doResume(options),
    onResumed: () => this.#onResumed()
  })
  #relayThrough: RelayThrough | null
  #destroying: Promise<void> | null = null
  #wasOnline = true
  readonly #nodeUser = {
    onNetworkChange: () => this.#handleNetworkChange(),
    onNetworkUpdate: () => this.#handleNetworkUpdate(),
    onNodeResumed: () => void this.server.suspend().catch(ignore)
  }

  constructor(options: CoreOptions, network: (keyPair: KeyPair) => SwarmNetwork) {
    super()
    const settings = settle(options)
    this.keyPair = options.keyPair ?? createKeyPair(options.seed)
    this.#relayThrough = toRelayFunction(options.relayThrough)
    this.#network = network(this.keyPair)
    this.dht = this.#network.node
    this.#share = NodeShare.of(this.dht, settings.maxQueries)
    this.#topics = this.#createTopics(settings)
    this.#context = this.#createContext(settings)
    this.peers = this.#context.peers.map
    this.#dialer = new Dialer(this.#context)
    this.#opened = new OpenedConnections(this.#context, {
      onOpened: (info, connection) => this.#onOpened(info, connection),
      onLost: (info) => this.#onLost(info)
    })
    this.connections = this.#opened.connections as Set<C>
    const acceptor = new Acceptor(this.#context)
    const serverOptions = new Gate(this.#context).serverOptions(options.handshakeClearWait)
    this.server = this.dht.createServer(serverOptions, (connection) => acceptor.accept(connection))
    this.#share.enter(this.#nodeUser)
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

  /** Whether the swarm is suspended, or on its way there or back. */
  get suspended(): boolean {
    return this.#suspension.suspended
  }

  get maxPeers(): number {
    return this.#context.limits.dialPeers
  }

  set maxPeers(maxPeers: number) {
    this.#context.limits.maxPeers = maxPeers
    this.#dialer.pump()
  }

  get maxClientConnections(): number {
    return this.#context.limits.maxClientConnections
  }

  set maxClientConnections(maxClientConnections: number) {
    this.#context.limits.maxClientConnections = maxClientConnections
    this.#dialer.pump()
  }

  get maxServerConnections(): number {
    return this.#context.limits.maxServerConnections
  }

  set maxServerConnections(maxServerConnections: number) {
    this.#context.limits.maxServerConnections = maxServerConnections
    this.#dialer.pump()
  }

  get maxParallel(): number {
    return this.#context.limits.maxParallel
  }

  set maxParallel(maxParallel: number) {
    this.#context.limits.maxParallel = maxParallel
    this.#dialer.pump()
  }

  /**
   * Finds peers of `topic`, 32 bytes, and is found by them. Returns a session: destroy it to leave the topic, or
   * call `leave`. Throws a `TypeError` on a bad argument, DESTROYED, or ABORTED.
   */
  join(topic: Uint8Array, options: JoinOptions = {}): PeerDiscoverySession {
    assertTopic(topic)
    assertMode(options)
    assertSignal(options.signal)
    this.#assertUsable()
    if (options.signal?.aborted) throw abortError(options.signal)
    return this.#topics.join(topic, this.suspended).session(options, options.signal)
  }

  /** Ends all sessions of `topic`. Resolves when it is withdrawn. Open connections stay, unless `close` is true. */
  async leave(topic: Uint8Array, options: LeaveOptions = {}): Promise<void> {
    assertTopic(topic)
    const left = this.#topics.leave(topic)
    const closed = options.close === true ? this.#opened.closeTopic(topic) : null
    this.#forgetTopic(topic)
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

  /** Keeps a connection to the peer with this key, beyond all limits, until `leavePeer`. */
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
   * Connects to the peer with this key now, beyond all limits. Resolves to the connection, which `connection` events
   * tell of as well. Rejects with the code that ended the dial (as in `dial-error`), or BANNED, SELF, ABORTED,
   * SUSPENDED or DESTROYED.
   */
  async connect(publicKey: Uint8Array, options: ConnectCallOptions = {}): Promise<C> {
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
    return (await this.#dialer.connect(info, options.signal)) as C
  }

  /**
   * Closes what there is with the peer, and leaves it alone until a lookup finds it anew, or `connect` or `joinPeer`
   * asks for it. Resolves when its connection has closed.
   */
  async disconnect(publicKey: Uint8Array): Promise<void> {
    assertPublicKey(publicKey)
    const info = this.#context.peers.get(publicKey)
    if (info === undefined) return
    info.explicit = false
    this.explicitPeers.delete(info)
    info.parked = true
    this.#dialer.giveUp(info, new SwarmError('CANCELLED', 'disconnect was called for the peer'))
    await this.#opened.close(info)
  }

  /** Announces the swarm's key, so that it can be dialled by key without a topic. */
  listen(): Promise<unknown> {
    if (this.destroyed) return Promise.reject(destroyedError())
    if (this.listening === null) {
      const listening = this.server.listen(this.keyPair)
      this.listening = listening
      listening.catch(() => {
        if (this.listening === listening) this.listening = null
      })
    }
    return this.listening
  }

  /**
   * Waits until all lookups and announces in progress are done and every peer found has been tried. Resolves to true
   * then, to false if the swarm is or gets suspended or destroyed.
   */
  async flush(): Promise<boolean> {
    await this.#topics.flushed()
    return this.#dialer.flush()
  }

  /** Leaves all topics. */
  clear(): Promise<void> {
    return this.#topics.clear()
  }

  /** Closes all connections and is silent until `resume`. Topics stay joined and peers known. */
  suspend(options: SuspendOptions = {}): Promise<void> {
    if (this.destroyed) return Promise.reject(destroyedError())
    return this.#suspension.suspend(options)
  }

  /** Ends a suspension: announces, looks up and dials again. */
  resume(options: SuspendOptions = {}): Promise<void> {
    if (this.destroyed) return Promise.reject(destroyedError())
    return this.#suspension.resume(options)
  }

  /** Leaves all topics, closes all connections, and the DHT node if it is the swarm's own. Always the same promise. */
  destroy(options: DestroyOptions = {}): Promise<void> {
    this.#destroying ??= this.#destroy(options.force === true)
    return this.#destroying
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy()
  }

  #createTopics({ clock, random }: Settings): Topics {
    return new Topics({
      swarm: this,
      scheduler: this.#share.scheduler,
      clock,
      random,
      stats: this.stats.queries,
      onPeer: (peer, topic, isNews) => this.#onPeer(peer, topic, isNews)
    })
  }

  #createContext(settings: Settings): SwarmContext {
    const { clock, firewall, firewallTimeoutMs } = settings
    const table = new ConnectionTable()
    return {
      node: this.dht,
      codec: this.#network.codec,
      identity: new Identity(this.keyPair),
      settings,
      peers: new PeerTable({
        clock,
        onBanned: (info, ttlMs) => this.#onBanned(info, ttlMs),
        onUnbanned: (info) => this.#dialer.enqueue(info)
      }),
      table,
      limits: new ConnectionLimits(table, settings),
      firewall: new FirewallCheck(firewall, firewallTimeoutMs, clock),
      stats: this.stats,
      topics: this.#topics,
      isActive: () => !this.destroyed && !this.suspended,
      relay: (force) => this.#relayThrough?.(force, this as unknown as SwarmCore) ?? null,
      onOpen: (info, open) => this.#opened.open(info, open),
      onSlotFreed: (info) => this.#dialer.onSlotFreed(info),
      emitUpdate: () => this.#emitUpdate(),
      emitDialError: (failure) => this.#emit('dial-error', failure)
    }
  }

  #assertUsable(): void {
    if (this.destroyed) throw destroyedError()
  }

  /** A lookup found a peer. `isNews` is false for the re-lookups after a join, which hurry nobody. */
  #onPeer(peer: DiscoveredPeer, topic: Uint8Array, isNews: boolean): void {
    const { identity, peers, table } = this.#context
    if (this.destroyed || identity.isSelf(peer.publicKey)) return
    const info = peers.upsert(peer.publicKey, peer.relayAddresses)
    info.addTopic(topic)
    if (table.has(info.publicKey) || (!isNews && (info.waiting || info.parked))) return
    if (isNews && (!info.prioritized || info.server || info.parked)) info.reset()
    this.#dialer.enqueue(info)
  }

  /** Peers that were known for this topic alone are forgotten, but for those with which there is a connection. */
  #forgetTopic(topic: Uint8Array): void {
    const { peers, table } = this.#context
    for (const info of [...peers.map.values()]) {
      if (table.has(info.publicKey) || !info.removeTopic(topic) || info.topics.length > 0) continue
      info.parked = false
      peers.release(info, false)
    }
  }

  #onOpened(info: PeerInfo, connection: Connection): void {
    this.#dialer.onOpen(info, connection)
    this.#emit('connection', connection as C, info)
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

  #handleNetworkChange(): void {
    if (this.destroyed || this.suspended) return
    this.#opened.probe()
    this.#topics.refreshLater()
  }

  #handleNetworkUpdate(): void {
    const cameOnline = this.dht.online && !this.#wasOnline
    this.#wasOnline = this.dht.online
    if (cameOnline) this.#handleNetworkChange()
  }

  async #doSuspend(options: SuspendOptions): Promise<void> {
    const log = options.log ?? ignore
    this.#dialer.suspend()
    log('Suspending the server, topics and connections')
    await Promise.allSettled([this.server.suspend(options), this.#topics.suspend(), this.#opened.closeAll()])
    log('Suspending the DHT node')
    await this.#share.suspend(this.#nodeUser, options)
    log('Suspended')
  }

  async #doResume(options: SuspendOptions): Promise<void> {
    const log = options.log ?? ignore
    log('Resuming the DHT node')
    await this.#share.resume(this.#nodeUser, options)
    log('Resuming the server')
    await this.server.resume()
    log('Resumed')
  }

  #onResumed(): void {
    this.#topics.resume()
    this.#dialer.pump()
  }

  async #destroy(isForced: boolean): Promise<void> {
    this.destroyed = true
    const { ownsNode } = this.#network
    // A sleeping node has withdrawn everything already; asking it again would only wait for timeouts.
    const isSilent = isForced || this.suspended
    this.#dialer.destroy()
    this.#context.firewall.destroy()
    const closed = this.#opened.closeAll()
    await Promise.allSettled([this.#suspension.stop(), this.#topics.clear(isSilent)])
    const serverClosed = this.server.close()
    await Promise.allSettled(isSilent && ownsNode ? [closed] : [closed, serverClosed])
    if (ownsNode) await this.dht.destroy({ force: isSilent })
    await this.#share.leave(this.#nodeUser)
  }

  #emitUpdate(): void {
    if (this.destroyed) return
    this.stats.updates++
    this.#emit('update')
  }

  #emit<K extends keyof SwarmEvents<C>>(event: K, ...args: SwarmEvents<C>[K]): void {
    // The events of a subclass come on top of these.
    const emitter = this as unknown as TypedEmitter<SwarmEvents<C>>
    if (!this.destroyed) emitter.emit(event, ...args)
  }
}

function destroyedError(): SwarmError {
  return new SwarmError('DESTROYED', 'the swarm was destroyed; make a new one')
}

function ignore(): void {}
