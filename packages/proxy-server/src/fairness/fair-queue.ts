import { Lines } from './lines.js'
import type { NetworkPace } from './network-pace.js'

/** Whose turn an item takes. */
export interface Owner {
  /** See `networkOf`; of its own for a client whose address is unknown. */
  readonly network: string
}

interface Waiting<T> {
  readonly item: T
  readonly rank: number
}

type Items<T> = Set<Waiting<T>>

/**
 * What waits, given out in turn: by network, then by client, then by rank and in order of arrival. So a client waits for
 * as many others as there are networks, however much those have asked for, and however many clients they pretend to be.
 * A network or client that has had fewer turns of late than those who wait all the time comes before them.
 */
export class FairQueue<T> {
  readonly #networks: Lines<string, Lines<Owner, Items<T>>>
  readonly #servedAtOnce: number
  readonly #pace: NetworkPace | null
  #size = 0

  /** `servedAtOnce` is how many items can be in service; default 1. `pace` makes networks wait for their next turn. */
  constructor(servedAtOnce = 1, pace: NetworkPace | null = null) {
    this.#servedAtOnce = servedAtOnce
    this.#pace = pace
    this.#networks = new Lines(servedAtOnce)
  }

  /** Items waiting. */
  get size(): number {
    return this.#size
  }

  /** Of the items of one client, those with a lower rank come first. */
  push(owner: Owner, item: T, rank = 0): void {
    const clients = this.#networks.obtain(owner.network, () => new Lines(this.#servedAtOnce))
    clients.obtain(owner, () => new Set()).add({ item, rank })
    this.#size++
  }

  /** The next item for which `isReady` holds; its client and network have had their turn. */
  shift(isReady: (item: T) => boolean = () => true): T | undefined {
    const networks = this.#networks.inOrder()
    for (const [network, lines] of networks) {
      if (this.#pace?.mayBegin(network) === false) continue
      const clients = lines.inOrder()
      for (const [client, items] of clients) {
        const next = first(items, isReady)
        if (next === undefined) continue
        items.delete(next)
        this.#size--
        lines.serve(client, clients.length)
        this.#networks.serve(network, networks.length)
        this.#pace?.count(network)
        return next.item
      }
    }
    return undefined
  }

  /** Whether the client has had clearly fewer turns of late than others, and its network too if others wait. */
  isAhead(owner: Owner): boolean {
    const { network } = owner
    const isNetworkAhead = this.#networks.size <= 1 || this.#networks.isAhead(network)
    return isNetworkAhead && (this.#networks.get(network)?.isAhead(owner) ?? true)
  }

  /** The client's latest turn was so short that it does not count. */
  refund(owner: Owner): void {
    this.#networks.get(owner.network)?.refund(owner)
    this.#networks.refund(owner.network)
  }

  /** Serving the client takes long, so it and its network come before nobody for a while. */
  demote(owner: Owner): void {
    this.#networks.get(owner.network)?.demote(owner)
    this.#networks.demote(owner.network)
  }

  /** Removes an item that is no longer wanted. Returns false if it is not waiting. */
  delete(owner: Owner, item: T): boolean {
    // The owner may have come from another network when it asked.
    for (const [, { value: clients }] of this.#networks) {
      const items = clients.get(owner)
      for (const waiting of items ?? []) {
        if (waiting.item !== item) continue
        items?.delete(waiting)
        this.#size--
        clients.prune()
        this.#networks.prune()
        return true
      }
    }
    return false
  }
}

function first<T>(items: Items<T>, isReady: (item: T) => boolean): Waiting<T> | undefined {
  let best: Waiting<T> | undefined
  for (const waiting of items)
    if ((best === undefined || waiting.rank < best.rank) && isReady(waiting.item)) best = waiting
  return best
}
