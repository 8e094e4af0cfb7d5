import type { Clock } from '@swarmway/runtime'
import { QueryScheduler } from '../discovery/scheduler.js'
import type { DhtNode, SuspendOptions } from '../network/dht-node.js'
import type { NetworkProbe } from '../network/network-probe.js'
import type { OfflineState } from '../network/reachability.js'
import { NodeHealth } from './node-health.js'

/** A swarm, as seen by the node that it shares. */
export interface NodeUser {
  onNetworkChange(): void
  /** No node answers any more. */
  onOffline(state: OfflineState): void
  /** The network answers again; without `wasOffline`, after a break that went unnoticed. `hasMoved`: from another address. */
  onBack(wasOffline: boolean, hasMoved: boolean): void
  /** The node and all its servers were resumed: a swarm that is still suspended has to suspend its server again. */
  onNodeResumed(): void
}

/** What swarms on one node share; the first one sets it. */
export interface ShareOptions {
  readonly node: DhtNode
  readonly probe: NetworkProbe | null
  readonly settings: { readonly maxQueries: number; readonly clock: Clock; readonly random: () => number }
}

/**
 * What the swarms on one DHT node share: the scheduler of their queries, what is known of the network, and the
 * decision to suspend the node itself, which happens when none of them needs it.
 */
export class NodeShare {
  static readonly #shares = new WeakMap<object, NodeShare>()
  /** What uses a node without being a swarm. */
  static readonly #holds = new WeakMap<object, Set<symbol>>()

  readonly scheduler: QueryScheduler
  /** Whether the network answers. */
  readonly health: NodeHealth
  readonly #node: DhtNode
  readonly #users = new Set<NodeUser>()
  readonly #awake = new Set<NodeUser>()
  #isAsleep = false
  #settling: Promise<void> | null = null

  private constructor({ node, probe, settings }: ShareOptions) {
    this.#node = node
    this.scheduler = new QueryScheduler(settings.maxQueries)
    this.health = new NodeHealth(node, probe, settings, {
      onNetworkChange: () => this.#tell((user) => user.onNetworkChange()),
      onOffline: (state) => this.#tell((user) => user.onOffline(state)),
      onBack: (...how) => this.#tell((user) => user.onBack(...how))
    })
  }

  static of(options: ShareOptions): NodeShare {
    const share = NodeShare.#shares.get(options.node) ?? new NodeShare(options)
    NodeShare.#shares.set(options.node, share)
    return share
  }

  /** Whether a swarm or something else is on the node. */
  static isUsed(node: object): boolean {
    const share = NodeShare.#shares.get(node)
    return NodeShare.#isHeld(node) || (share !== undefined && share.#users.size > 0)
  }

  /**
   * Something that is not a swarm uses the node too: swarms neither destroy nor suspend it meanwhile. The returned function
   * ends that, and says whether nobody is left.
   */
  static hold(node: object): () => boolean {
    const hold = Symbol('hold')
    const holds = NodeShare.#holds.get(node) ?? new Set()
    NodeShare.#holds.set(node, holds.add(hold))
    NodeShare.#shares.get(node)?.settle()
    return () => {
      holds.delete(hold)
      NodeShare.#shares.get(node)?.settle()
      return !NodeShare.isUsed(node)
    }
  }

  static #isHeld(node: object): boolean {
    return (NodeShare.#holds.get(node)?.size ?? 0) > 0
  }

  enter(user: NodeUser): void {
    if (this.#users.size === 0) this.health.start()
    this.#users.add(user)
    this.#awake.add(user)
    this.settle()
  }

  /** Puts the node to sleep or wakes it, if it is time to. */
  settle(): void {
    this.#settle({}).catch(ignore)
  }

  /** The last one to leave leaves the node awake, as it was found. */
  async leave(user: NodeUser): Promise<void> {
    this.release(user)
    await this.#settle({})
  }

  /** Returns whether nobody is left. The last one removes the listeners from the node. */
  release(user: NodeUser): boolean {
    this.#awake.delete(user)
    if (this.#users.delete(user) && this.#users.size === 0) this.health.stop()
    return !NodeShare.isUsed(this.#node)
  }

  /** Suspends the node if nobody else on it is awake. */
  suspend(user: NodeUser, options: SuspendOptions): Promise<void> {
    this.#awake.delete(user)
    return this.#settle(options)
  }

  resume(user: NodeUser, options: SuspendOptions): Promise<void> {
    this.#awake.add(user)
    return this.#settle(options)
  }

  #tell(act: (user: NodeUser) => void): void {
    for (const user of [...this.#users]) act(user)
  }

  #settle(options: SuspendOptions): Promise<void> {
    if (this.#settling === null && this.#isSettled()) return Promise.resolve()
    this.#settling ??= this.#run(options)
    return this.#settling
  }

  #isSettled(): boolean {
    const maySleep = this.#awake.size === 0 && this.#users.size > 0 && !NodeShare.#isHeld(this.#node)
    return this.#isAsleep === maySleep
  }

  /** One step at a time: a HyperDHT that is resumed while it is still suspending ignores it, and ends asleep. */
  async #run(options: SuspendOptions): Promise<void> {
    try {
      while (!this.#isSettled()) {
        this.#isAsleep = !this.#isAsleep
        if (this.#isAsleep) await this.#suspendNode(options)
        else await this.#resumeNode(options)
      }
    } finally {
      this.#settling = null
    }
  }

  async #suspendNode(options: SuspendOptions): Promise<void> {
    this.health.stop()
    await this.#node.suspend(options)
  }

  async #resumeNode(options: SuspendOptions): Promise<void> {
    await this.#node.resume(options)
    if (this.#users.size > 0) this.health.start()
    for (const user of this.#users) if (!this.#awake.has(user)) user.onNodeResumed()
  }
}

function ignore(): void {}
