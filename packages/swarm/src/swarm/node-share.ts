import { QueryScheduler } from '../discovery/scheduler.js'
import type { DhtNode, SuspendOptions } from '../network/dht-node.js'

/** A swarm, as seen by the node that it shares. */
export interface NodeUser {
  onNetworkChange(): void
  onNetworkUpdate(): void
  /** The node and all its servers were resumed: a swarm that is still suspended has to suspend its server again. */
  onNodeResumed(): void
}

/**
 * What the swarms on one DHT node share: the scheduler of their queries, one listener per event of the node, and the
 * decision to suspend the node itself, which happens when none of them needs it.
 */
export class NodeShare {
  static readonly #shares = new WeakMap<DhtNode, NodeShare>()

  readonly scheduler: QueryScheduler
  readonly #node: DhtNode
  readonly #users = new Set<NodeUser>()
  readonly #awake = new Set<NodeUser>()
  #isAsleep = false
  #settling: Promise<void> | null = null
  readonly #onNetworkChange = () => {
    for (const user of [...this.#users]) user.onNetworkChange()
  }
  readonly #onNetworkUpdate = () => {
    for (const user of [...this.#users]) user.onNetworkUpdate()
  }

  private constructor(node: DhtNode, maxQueries: number) {
    this.#node = node
    this.scheduler = new QueryScheduler(maxQueries)
  }

  static of(node: DhtNode, maxQueries: number): NodeShare {
    const share = NodeShare.#shares.get(node) ?? new NodeShare(node, maxQueries)
    NodeShare.#shares.set(node, share)
    return share
  }

  enter(user: NodeUser): void {
    if (this.#users.size === 0) {
      this.#node.on('network-change', this.#onNetworkChange)
      this.#node.on('network-update', this.#onNetworkUpdate)
    }
    this.#users.add(user)
    this.#awake.add(user)
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
    if (this.#users.delete(user) && this.#users.size === 0) {
      this.#node.removeListener('network-change', this.#onNetworkChange)
      this.#node.removeListener('network-update', this.#onNetworkUpdate)
    }
    return this.#users.size === 0
  }

  /** Suspends the node if no other swarm is awake. */
  suspend(user: NodeUser, options: SuspendOptions): Promise<void> {
    this.#awake.delete(user)
    return this.#settle(options)
  }

  resume(user: NodeUser, options: SuspendOptions): Promise<void> {
    this.#awake.add(user)
    return this.#settle(options)
  }

  #settle(options: SuspendOptions): Promise<void> {
    if (this.#settling === null && this.#isSettled()) return Promise.resolve()
    this.#settling ??= this.#run(options)
    return this.#settling
  }

  #isSettled(): boolean {
    return this.#isAsleep === (this.#awake.size === 0 && this.#users.size > 0)
  }

  /** One step at a time: a HyperDHT that is resumed while it is still suspending ignores it, and ends asleep. */
  async #run(options: SuspendOptions): Promise<void> {
    try {
      while (!this.#isSettled()) {
        this.#isAsleep = !this.#isAsleep
        if (this.#isAsleep) await this.#node.suspend(options)
        else await this.#resumeNode(options)
      }
    } finally {
      this.#settling = null
    }
  }

  async #resumeNode(options: SuspendOptions): Promise<void> {
    await this.#node.resume(options)
    for (const user of this.#users) if (!this.#awake.has(user)) user.onNodeResumed()
  }
}

function ignore(): void {}
