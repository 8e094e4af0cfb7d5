import { callApplication } from '@swarmway/runtime'
import { Acceptor, type AcceptorContext } from '../connections/acceptor.js'
import { FirewallCheck } from '../connections/firewall.js'
import { Gate, type GateContext } from '../connections/gate.js'
import { ConnectionLimits } from '../connections/limits.js'
import { Liveness } from '../connections/liveness.js'
import { NeighbourKeepAlives } from '../connections/neighbour-keep-alives.js'
import { OpenedConnections, type OpenedContext } from '../connections/opened.js'
import { isForgotten, SilentPeers } from '../connections/silent-peers.js'
import { Stalls } from '../connections/stalls.js'
import { ConnectionTable, type OpenConnection } from '../connections/table.js'
import { UnfinishedHandshakes } from '../connections/unfinished.js'
import { Dialer, type DialerContext } from '../dialing/dialer.js'
import type { DiscoverySwarm } from '../discovery/discovery-context.js'
import type { PeerFinder } from '../discovery/finder.js'
import { Topics } from '../discovery/topics.js'
import { Withdrawals } from '../discovery/withdrawals.js'
import { codeOf, SwarmError } from '../errors.js'
import { GroupGuard } from '../groups/guard.js'
import type { Membership } from '../groups/membership.js'
import { HashBudget } from '../handshake/hash-budget.js'
import { Identity } from '../handshake/identity.js'
import type { DiscoveredPeer, NodeServer, RelayChoice } from '../network/dht-node.js'
import { DirectPaths } from '../paths/direct/direct-paths.js'
import { SpareAccepts } from '../paths/spare/spare-accepts.js'
import type { PeerInfo } from '../peers/peer-info.js'
import { PeerTable } from '../peers/peer-table.js'
import type { SwarmStats } from '../util/stats.js'
import { Arrivals, type ArrivalsContext } from './arrivals.js'
import { ExplicitPeers } from './explicit-peers.js'
import { Lifecycle } from './lifecycle.js'
import type { NodeHealth } from './node-health.js'
import { NodeShare } from './node-share.js'
import type { Settings } from './options.js'
import { Recovery } from './recovery.js'
import type { PeerVerdict, SwarmEvents, SwarmNetwork } from './swarm-types.js'

/** The longest delay of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** What the parts need from each other. Each part declares what it takes; only this file knows them all. */
type Context = AcceptorContext & GateContext & OpenedContext & DialerContext & ArrivalsContext

/** What a swarm's parts are made from. */
export interface PartsOptions {
  readonly network: SwarmNetwork
  readonly settings: Settings
  readonly memberships: readonly Membership[]
  readonly revocations: readonly Uint8Array[]
  readonly handshakeClearWait: number | undefined
}

/** The swarm, as seen by its parts. */
export interface PartsOwner extends DiscoverySwarm {
  readonly destroyed: boolean
  readonly stats: SwarmStats
  emit<K extends keyof SwarmEvents>(event: K, ...args: SwarmEvents[K]): boolean
}

/** Decisions that the application or a subclass of the swarm makes. They may throw. */
export interface PartsHooks {
  /** The relay to use for a connection. */
  relay(force: boolean): RelayChoice
  judgePeer(peer: DiscoveredPeer, topic: Uint8Array): PeerVerdict
  onDiscoveryCycle(topic: Uint8Array, isDone: boolean): void
}

/** Makes the parts of a swarm and connects them: a report of one part reaches the others, and the application. */
export class SwarmParts {
  readonly topics: Topics
  readonly groups: GroupGuard
  readonly peers: PeerTable
  readonly limits: ConnectionLimits
  readonly dialer: Dialer
  readonly opened: OpenedConnections
  readonly explicit: ExplicitPeers
  readonly arrivals: Arrivals
  readonly lifecycle: Lifecycle
  /** Whether the node's network answers. */
  readonly health: NodeHealth
  /** Accepts connections on the swarm's key. */
  readonly server: NodeServer
  readonly #owner: PartsOwner
  readonly #hooks: PartsHooks
  readonly #finders: readonly PeerFinder[]
  readonly #withdrawals = new Withdrawals()
  readonly #stalls: Stalls | null
  readonly #direct: DirectPaths
  readonly #neighbours: NeighbourKeepAlives

  constructor(owner: PartsOwner, options: PartsOptions, hooks: PartsHooks) {
    const { network, settings } = options
    this.#owner = owner
    this.#hooks = hooks
    const share = NodeShare.of({ node: network.node, probe: network.probe ?? null, settings })
    this.health = share.health
    this.topics = this.#createTopics(options, share)
    this.groups = this.#createGroups(options)
    this.peers = this.#createPeers(settings)
    const table = new ConnectionTable()
    this.limits = new ConnectionLimits(table, settings, () => this.dialer.pump())
    this.#neighbours = new NeighbourKeepAlives(settings.clock)
    const context = this.#createContext(options, table)
    this.#direct = this.#createDirect(context, options)
    this.dialer = new Dialer(context)
    this.opened = new OpenedConnections(context, {
      onOpened: (info, open) => {
        network.onOpened?.(open.connection)
        this.#direct.begin(open.connection, info)
        this.#onOpened(info, open)
      },
      onLost: (info, error) => this.#onLost(info, error)
    })
    const acceptor = new Acceptor(context)
    const serverOptions = new Gate(context).serverOptions(options.handshakeClearWait)
    this.server = network.node.createServer(serverOptions, (connection) => acceptor.accept(connection))
    this.#finders = network.createFinders?.(this.server) ?? []
    this.explicit = new ExplicitPeers(context, this.dialer, this.opened)
    this.arrivals = new Arrivals(context, this.dialer, this.opened, (...found) => this.#judge(...found))
    this.#stalls = network.probe ? this.#createStalls(context) : null
    this.lifecycle = this.#createLifecycle(context, options, share)
  }

  #createLifecycle({ firewall }: Context, { network, settings }: PartsOptions, share: NodeShare): Lifecycle {
    const { dialer, opened, server, topics } = this
    const recovery = this.#createRecovery(network, settings)
    return new Lifecycle({
      ...{ settings, network, share, server, recovery, topics, opened, dialer, firewall },
      finders: this.#finders,
      withdrawals: this.#withdrawals,
      direct: this.#direct,
      onOffline: (state) => {
        this.#emit('offline', state)
        this.#emitUpdate()
      },
      onOnline: () => {
        this.#emit('online')
        this.#emitUpdate()
      }
    })
  }

  #createDirect({ codec, identity, isActive, node }: Context, { network, settings }: PartsOptions): DirectPaths {
    const { clock, direct, random } = settings
    const stats = this.#owner.stats.direct
    return new DirectPaths(direct, {
      ...{ clock, random, stats, node, codec, identity, isActive },
      firstPath: network.path ?? 'native'
    })
  }

  #createStalls(context: Context): Stalls {
    const { health, opened } = this
    const silent = new SilentPeers(context)
    return new Stalls({
      clock: context.settings.clock,
      connections: opened.connections,
      answeredAt: () => health.answeredAt,
      onSuspicion: () => health.onEvidence(false),
      onSilence: (connection) => silent.ask(connection)
    })
  }

  #createRecovery({ probe }: SwarmNetwork, settings: Settings): Recovery {
    const { dialer, health, opened, server, topics } = this
    const { clock } = settings
    const { connections } = opened
    const liveness = new Liveness({ clock, connections })
    const parts = { settings, server, topics, dialer, liveness, stalls: this.#stalls, finders: this.#finders }
    return new Recovery({ ...parts, probe: probe ?? null, isReachable: () => health.offline === null })
  }

  #createTopics({ network, settings }: PartsOptions, { scheduler }: NodeShare): Topics {
    const { clock, random } = settings
    return new Topics({
      swarm: this.#owner,
      scheduler,
      withdrawals: this.#withdrawals,
      clock,
      random,
      stats: this.#owner.stats.queries,
      announceEarly: network.announceEarly,
      onPeer: (peer, topic, isNews) => this.arrivals.add(peer, topic, isNews),
      onGone: (publicKey) => this.arrivals.onGone(publicKey),
      hasFewOn: (topic) => this.limits.hasFewOn(topic),
      lacksPeers: () => this.dialer.lacksPeers,
      finders: () => this.#finders,
      isReachable: () => network.isReachable?.() ?? true,
      onEvidence: (isAnswered) => this.health.onEvidence(isAnswered),
      onFailed: (failure) => this.#emit('discovery-error', failure),
      onCycle: (topic, isDone) => callApplication(() => this.#hooks.onDiscoveryCycle(topic, isDone), ignore)
    })
  }

  #createGroups({ memberships, revocations, settings }: PartsOptions): GroupGuard {
    const { publicKey } = this.#owner.keyPair
    const { topics } = this
    return new GroupGuard({ publicKey, memberships, revocations, wallClock: settings.wallClock, topics })
  }

  #createPeers({ clock, wallClock }: Settings): PeerTable {
    return new PeerTable({
      clock,
      wallClock,
      onBanned: (info, ttlMs) => this.#onBanned(info, ttlMs),
      onUnbanned: (info) => this.dialer.enqueue(info)
    })
  }

  #createContext({ network, settings }: PartsOptions, table: ConnectionTable): Context {
    const { groups, limits, peers, topics } = this
    const { keyPair, stats } = this.#owner
    return {
      node: network.node,
      codec: network.codec,
      createSecretStream: network.createSecretStream,
      identity: new Identity(keyPair, settings.direct !== null),
      hashBudget: new HashBudget(settings.clock),
      settings,
      peers,
      table,
      limits,
      spares: new SpareAccepts(settings.clock),
      unfinished: new UnfinishedHandshakes(settings.clock),
      firewall: new FirewallCheck(settings.firewall, settings.firewallTimeoutMs, settings.clock),
      stats,
      topics,
      groups,
      isActive: () => !this.#owner.destroyed && !this.lifecycle.suspended,
      relay: (force) => this.#relay(force),
      onOpen: (info, open, handshakeTopics) => this.opened.open(info, open, handshakeTopics),
      onTopicUpdate: (info, open, further, memberships) => this.opened.learn(info, open, further, memberships),
      onUnproven: (...unproven) => this.opened.lateProofs.check(...unproven),
      onSlotFreed: (info) => this.dialer.onSlotFreed(info),
      isRecovering: () => this.health.isRecovering,
      onHalfOpen: (info) => this.dialer.enqueue(info),
      onLackOfPeers: () => topics.lookAgain(),
      emitUpdate: () => this.#emitUpdate(),
      emitDialError: (failure) => this.#emit('dial-error', failure)
    }
  }

  #relay(force: boolean): RelayChoice {
    return callApplication(
      () => this.#hooks.relay(force),
      () => null
    )
  }

  #judge(peer: DiscoveredPeer, topic: Uint8Array): PeerVerdict {
    return callApplication(
      () => this.#hooks.judgePeer(peer, topic),
      () => 'ignore'
    )
  }

  #onOpened(info: PeerInfo, { connection, origin }: OpenConnection): void {
    this.dialer.onOpen(info, connection)
    this.#stalls?.start()
    const isNear = this.#finders.some((finder) => finder.isLocal(connection))
    // What other implementations do with silence is not known.
    if (isNear && origin !== null) this.#neighbours.add(connection)
    info.local = info.localAddress !== null || isNear
    this.#emit('connection', connection, info)
    this.#emitUpdate()
  }

  #onLost(info: PeerInfo, error: Error | null): void {
    const isTimeout = codeOf(error, '') === 'ETIMEDOUT'
    if (isTimeout) this.health.onEvidence(false)
    // Asked before the dialer changes the peer's record.
    const wasInOutage = error !== null && this.health.wasInOutage(info.connectedForMs)
    this.dialer.onLost(info, isForgotten(error) || wasInOutage || (isTimeout && this.health.isRecovering))
    this.#emitUpdate()
  }

  #onBanned(info: PeerInfo, ttlMs: number): void {
    this.#owner.stats.bannedPeers++
    this.dialer.giveUp(info, new SwarmError('BANNED', 'the peer was banned'))
    if (ttlMs <= MAX_TIMER_MS) this.dialer.enqueueLater(info, ttlMs)
    this.#emit('ban', info, null)
  }

  #emitUpdate(): void {
    if (this.#owner.destroyed) return
    this.#owner.stats.updates++
    this.#emit('update')
  }

  #emit<K extends keyof SwarmEvents>(event: K, ...args: SwarmEvents[K]): void {
    if (!this.#owner.destroyed) this.#owner.emit(event, ...args)
  }
}

function ignore(): void {}
