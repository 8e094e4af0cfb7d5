import { Branch, type Turn } from './branch.js'
import { ClientItems, type Owner } from './client-items.js'
import { Counts } from './counts.js'
import { siteOf } from './network-of.js'
import type { NetworkPace } from './network-pace.js'

export type { Owner } from './client-items.js'

/** Options of a {@link FairQueue}. */
export interface FairQueueOptions<T> {
  /** How many items can be in service. Default: 1. */
  readonly servedAtOnce?: number
  /** Makes sites wait for their next turn. Default: none waits. */
  readonly pace?: NetworkPace | null
  /** Whether an item waits for the pace. Default: all do. */
  isPaced?(item: T): boolean
  /** Items of one kind are all ready, or none of them. Default: all are of one kind. */
  kindOf?(item: T): unknown
}

/** Where a client waits. It stays there until nothing of it waits, even if it comes from elsewhere by then. */
interface Home<T> {
  readonly site: string
  readonly branch: Branch<T>
}

/**
 * What waits, given out in turn: by site, then by network, then by client, then by rank and in order of arrival. So a client
 * waits for as many others as there are sites, however much those have asked for, and however many networks and clients they
 * pretend to be. A site, network or client that has had fewer turns of late than those who wait all the time comes before
 * them; so that this holds at an address that busy strangers share, the newcomers there have turns of their own.
 */
export class FairQueue<T> {
  readonly #trunk: Branch<T>
  readonly #pace: NetworkPace | null
  readonly #isPaced: (item: T) => boolean
  readonly #kindOf: (item: T) => unknown
  readonly #homes = new WeakMap<Owner, Home<T>>()
  readonly #latestTurns = new WeakMap<Owner, Turn<T>['had']>()
  /** Items of each site. */
  readonly #counts = new Counts()
  /** Those that need not wait for its pace. */
  readonly #freeCounts = new Counts()
  #size = 0

  constructor(options: FairQueueOptions<T> = {}) {
    const { isPaced = () => true, kindOf = () => null, pace = null, servedAtOnce = 1 } = options
    this.#trunk = new Branch(servedAtOnce)
    this.#pace = pace
    this.#isPaced = isPaced
    this.#kindOf = kindOf
  }

  /** Items waiting. */
  get size(): number {
    return this.#size
  }

  /** Items with a lower rank come before the other items of their client. An item waits once for each client. */
  push(client: Owner, item: T, rank = 0): void {
    const { branch, site } = this.#homeOf(client)
    branch.enter(branch.members.isAhead(client))
    const items = branch.members.obtain(client, () => new ClientItems()) as ClientItems<T>
    const isPaced = this.#isPaced(item)
    if (items.add(item, { rank, isPaced, kind: this.#kindOf(item) })) this.#count(site, isPaced, 1)
    this.#homes.set(client, { branch, site })
    branch.settle()
  }

  /** The next item for which `isReady` holds; its client, network and site have had their turn. */
  shift(isReady: (item: T) => boolean = () => true): T | undefined {
    const turn = this.#trunk.turn(
      (items, client) => this.#take(items, client, isReady),
      (site) => !this.#freeCounts.has(site) && this.#isHeld(site)
    )
    if (turn === null) return undefined
    this.#latestTurns.set(turn.client, turn.had)
    this.#homes.get(turn.client)?.branch.settle()
    return turn.item
  }

  /** Looks again, from the next `shift` on, at the sites that had to wait for the pace. Until then they are passed over. */
  retryHeld(): void {
    this.#trunk.members.bringBack()
  }

  /** Whether the client has had clearly fewer turns of late than others, and its network and site too if others wait. */
  isAhead(client: Owner): boolean {
    const { branch, site } = this.#homeOf(client)
    const isAlone = this.#counts.size === (this.#counts.has(site) ? 1 : 0)
    return branch.members.isAhead(client) && branch.isAheadOfAll(isAlone)
  }

  /** The client's latest turn was so short that it does not count. */
  refund(client: Owner): void {
    for (const [lines, key] of this.#latestTurns.get(client) ?? []) lines.refund(key)
    this.#homes.get(client)?.branch.settle()
  }

  /** Serving the client takes long, so it, its network and its site come before nobody for a while. */
  demote(client: Owner): void {
    for (const [lines, key] of this.#latestTurns.get(client) ?? []) lines.demote(key)
    this.#homes.get(client)?.branch.settle()
  }

  /** Removes an item that is no longer wanted. Returns false if it is not waiting. */
  delete(client: Owner, item: T): boolean {
    const { branch, site } = this.#homeOf(client)
    const items = branch.members.get(client) as ClientItems<T> | undefined
    const deleted = items?.delete(item) ?? null
    if (deleted === null) return false
    this.#count(site, deleted.isPaced, -1)
    branch.members.settle(client)
    branch.settle()
    branch.prune()
    return true
  }

  #take(items: ClientItems<T>, client: Owner, isReady: (item: T) => boolean): T | undefined {
    const site = this.#homes.get(client)?.site ?? siteOf(client.network)
    const item = items.first(isReady, this.#isHeld(site))
    const deleted = item === undefined ? null : items.delete(item)
    if (deleted === null) return undefined
    this.#count(site, deleted.isPaced, -1)
    if (deleted.isPaced) this.#pace?.count(site)
    return item
  }

  #isHeld(site: string): boolean {
    return this.#pace?.mayBegin(site) === false
  }

  /** Where the client waits; if it does not, where it would. */
  #homeOf(client: Owner): Home<T> {
    const home = this.#homes.get(client)
    const items = home?.branch.members.get(client)
    if (home !== undefined && items !== undefined && items.size > 0) return home
    const { network } = client
    const site = siteOf(network)
    const branch = this.#trunk.branch(site)
    return { site, branch: site === network ? branch : branch.branch(network) }
  }

  #count(site: string, isPaced: boolean, change: 1 | -1): void {
    this.#size += change
    this.#counts.change(site, change)
    if (!isPaced) this.#freeCounts.change(site, change)
  }
}
