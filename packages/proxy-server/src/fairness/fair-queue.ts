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
  /** Whether it waits for the pace of its network. */
  readonly isPaced: boolean
}

type Items<T> = Set<Waiting<T>>

/** The clients of one network for which something waits. */
interface Group<T> {
  readonly network: string
  readonly clients: Lines<Owner, Items<T>>
  /** 1 if something waits, otherwise 0. */
  readonly size: number
  inOrder(): Iterable<[Owner, Items<T>]>
}

/**
 * What waits, given out in turn: by network, then by client, then by rank and in order of arrival. So a client waits for
 * as many others as there are networks, however much those have asked for, and however many clients they pretend to be.
 * A network or client that has had fewer turns of late than those who wait all the time comes before them; so that this
 * holds at an address that busy strangers share, the newcomers of a network have turns of their own.
 */
export class FairQueue<T> {
  readonly #groups: Lines<string, Group<T>>
  readonly #servedAtOnce: number
  /** The group through which a client was served last. */
  readonly #servedAs = new WeakMap<Owner, string>()
  readonly #pace: NetworkPace | null
  readonly #isPaced: (item: T) => boolean
  /** Items of each network. */
  readonly #counts = new Counts()
  /** Those that need not wait for its pace. */
  readonly #freeCounts = new Counts()
  #size = 0

  /**
   * `servedAtOnce` is how many items can be in service; default 1. `pace` makes networks wait for their next turn, for those
   * items that `isPaced` says; default all.
   */
  constructor(servedAtOnce = 1, pace: NetworkPace | null = null, isPaced: (item: T) => boolean = () => true) {
    this.#servedAtOnce = servedAtOnce
    this.#groups = new Lines(servedAtOnce)
    this.#pace = pace
    this.#isPaced = isPaced
  }

  /** Items waiting. */
  get size(): number {
    return this.#size
  }

  /** Items with a lower rank come before the other items of their client. */
  push(owner: Owner, item: T, rank = 0): void {
    const { network } = owner
    const clients = this.#clientsOf(network) ?? new Lines(this.#servedAtOnce, true)
    this.#groups.obtain(network, () => everybody(network, clients))
    if (clients.isAhead(owner)) this.#groups.obtain(newcomersOf(network), () => this.#newcomers(network, clients))
    const waiting = { item, rank, isPaced: this.#isPaced(item) }
    clients.obtain(owner, () => new Set()).add(waiting)
    this.#count(network, waiting, 1)
    this.#settle(network)
  }

  /** The next item for which `isReady` holds; its client and network have had their turn. */
  shift(isReady: (item: T) => boolean = () => true): T | undefined {
    const mayServe = (_: string, { network }: Group<T>) => this.#freeCounts.has(network) || !this.#isHeld(network)
    for (const [name, group] of this.#groups.inOrder(mayServe)) {
      const isHeld = this.#isHeld(group.network)
      for (const [client, items] of group.inOrder()) {
        const next = first(items, (one) => isReady(one.item) && !(isHeld && one.isPaced))
        if (next === undefined) continue
        const groupCount = this.#groups.size
        items.delete(next)
        this.#count(group.network, next, -1)
        this.#servedAs.set(client, name)
        group.clients.settle(client)
        group.clients.serve(client, group.clients.size)
        this.#groups.serve(name, groupCount)
        this.#settle(group.network)
        if (next.isPaced) this.#pace?.count(group.network)
        return next.item
      }
    }
    return undefined
  }

  /** Whether the client has had clearly fewer turns of late than others, and its network too if others wait. */
  isAhead(owner: Owner): boolean {
    const { network } = owner
    const isAlone = this.#counts.size === (this.#counts.has(network) ? 1 : 0)
    const isNetworkAhead = isAlone || [network, newcomersOf(network)].some((name) => this.#groups.isAhead(name))
    return isNetworkAhead && (this.#clientsOf(network)?.isAhead(owner) ?? true)
  }

  /** The client's latest turn was so short that it does not count. */
  refund(owner: Owner): void {
    const name = this.#servedAs.get(owner) ?? owner.network
    const group = this.#groups.get(name)
    group?.clients.refund(owner)
    this.#groups.refund(name)
    this.#settle(group?.network)
  }

  /** Serving the client takes long, so it and its network come before nobody for a while. */
  demote(owner: Owner): void {
    const name = this.#servedAs.get(owner) ?? owner.network
    const group = this.#groups.get(name)
    group?.clients.demote(owner)
    this.#groups.demote(name)
    this.#settle(group?.network)
  }

  /** Removes an item that is no longer wanted. Returns false if it is not waiting. */
  delete(owner: Owner, item: T): boolean {
    // Mostly in its network; the owner may have come from another one when it asked.
    const own = this.#groups.get(owner.network) ?? this.#groups.get(newcomersOf(owner.network))
    if (own !== undefined && this.#deleteFrom(own, owner, item)) return true
    for (const group of this.#groups.values()) if (this.#deleteFrom(group, owner, item)) return true
    return false
  }

  #isHeld(network: string): boolean {
    return this.#pace?.mayBegin(network) === false
  }

  #deleteFrom({ clients, network }: Group<T>, owner: Owner, item: T): boolean {
    const items = clients.get(owner)
    for (const waiting of items ?? []) {
      if (waiting.item !== item) continue
      items?.delete(waiting)
      this.#count(network, waiting, -1)
      clients.settle(owner)
      this.#settle(network)
      clients.prune()
      this.#groups.prune()
      return true
    }
    return false
  }

  #count(network: string, { isPaced }: Waiting<T>, change: 1 | -1): void {
    this.#size += change
    this.#counts.change(network, change)
    if (!isPaced) this.#freeCounts.change(network, change)
  }

  /** After each change to a network: whether something waits in its groups follows from more than what is added to them. */
  #settle(network: string | undefined): void {
    if (network === undefined) return
    this.#groups.settle(network)
    this.#groups.settle(newcomersOf(network))
  }

  /** Those who are ahead of the others of their network, while the network itself is not ahead of other networks. */
  #newcomers(network: string, clients: Group<T>['clients']): Group<T> {
    const isNetworkAhead = (): boolean => this.#groups.isAhead(network)
    return {
      network,
      clients,
      get size() {
        const [first] = isNetworkAhead() ? [] : (clients.first() ?? [])
        return first !== undefined && clients.isAhead(first) ? 1 : 0
      },
      // Those who are ahead come first.
      *inOrder() {
        for (const [client, items] of isNetworkAhead() ? [] : clients.inOrder()) {
          if (!clients.isAhead(client)) return
          yield [client, items]
        }
      }
    }
  }

  /** Both groups of a network have the same. */
  #clientsOf(network: string): Lines<Owner, Items<T>> | undefined {
    return (this.#groups.get(network) ?? this.#groups.get(newcomersOf(network)))?.clients
  }
}

function everybody<T>(network: string, clients: Lines<Owner, Items<T>>): Group<T> {
  return {
    network,
    clients,
    get size() {
      return Math.min(1, clients.size)
    },
    inOrder: () => clients.inOrder()
  }
}

/** How many there are of each. */
class Counts extends Map<string, number> {
  change(key: string, change: 1 | -1): void {
    const count = (this.get(key) ?? 0) + change
    if (count === 0) this.delete(key)
    else this.set(key, count)
  }
}

function newcomersOf(network: string): string {
  return `newcomers of ${network}`
}

function first<T>(items: Items<T>, isReady: (waiting: Waiting<T>) => boolean): Waiting<T> | undefined {
  let best: Waiting<T> | undefined
  for (const waiting of items) if ((best === undefined || waiting.rank < best.rank) && isReady(waiting)) best = waiting
  return best
}
