import type { DhtNode, SuspendOptions } from './dht-node.js'
import { QueryScheduler } from './discovery/scheduler.js'

/**
 * What the swarms on one DHT node share: the scheduler of their queries, and the decision when the node itself is
 * suspended, which is when none of them needs it.
 */
export class NodeShare {
  static readonly #shares = new WeakMap<DhtNode, NodeShare>()

  readonly scheduler: QueryScheduler
  readonly #node: DhtNode
  readonly #awake = new Set<object>()

  private constructor(node: DhtNode, maxQueries: number) {
    this.#node = node
    this.scheduler = new QueryScheduler(maxQueries)
  }

  static of(node: DhtNode, maxQueries: number): NodeShare {
    const share = NodeShare.#shares.get(node) ?? new NodeShare(node, maxQueries)
    NodeShare.#shares.set(node, share)
    return share
  }

  enter(user: object): void {
    this.#awake.add(user)
  }

  leave(user: object): void {
    this.#awake.delete(user)
  }

  /** Suspends the node if nobody else is awake. */
  async suspend(user: object, options: SuspendOptions): Promise<void> {
    this.#awake.delete(user)
    if (this.#awake.size === 0) await this.#node.suspend(options)
  }

  async resume(user: object, options: SuspendOptions): Promise<void> {
    this.#awake.add(user)
    await this.#node.resume(options)
  }
}
