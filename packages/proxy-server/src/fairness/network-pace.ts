import type { Clock, MonotonicMs } from '@swarmway/proxy-protocol'
import { RateLimit } from '@swarmway/runtime'
import { isLoopback, siteOf } from './network-of.js'

/** All networks together may begin this many times what one may, apart from their own parts. */
export const TOGETHER = 4
/** The part of a network's rate that is its own, whatever others begin. */
const OWN_SHARE = 1 / 16
/** Networks that have this part in full. Those of a larger crowd have less, so that all of them have no more. */
const FULL_SHARES = TOGETHER / OWN_SHARE
/** A network with more than this part of its own left has begun little of late. */
const QUIET_FILL = 0.5
/** Milliseconds between two looks at all networks, for those that have not begun anything for a while. */
const PRUNE_MS = 1000
/** Fewest milliseconds between two looks whether something that waits may begin: each looks at all that wait. */
const MIN_WAIT_MS = 10

interface Rates {
  readonly all: RateLimit
  /** Null where networks do not share a rate. */
  readonly own: RateLimit | null
}

/** Options of a {@link NetworkPace}. */
export interface NetworkPaceOptions {
  /** What a network may begin at once after a pause. Default: as many as in a second. */
  readonly atOnce?: number
  /** Whether all networks together are limited too. Default: true. */
  readonly isShared?: boolean
  /**
   * What a network may begin at once of its own part, after a pause and whatever others begin. Many addresses have it many
   * times, so more suits only work of which little runs at once. Default: what its own part allows in a second.
   */
  readonly ownAtOnce?: number
  /** What begins counts as this many for all networks together, see `Strain`. Default: 1. */
  readonly strain?: () => number
}

/**
 * How often something of one network may begin, however many others leave room: work that takes no time elsewhere takes
 * all of this process's. Somebody with many addresses would have that many rates, so all networks together have a rate as
 * well. Beyond it, each network has a part of its own, so that those that begin little do not wait. While the event loop is
 * busy, all together begin less, and so do those that use their own part up. Addresses of this machine are exempt: a reverse
 * proxy on it looks like one network.
 */
export class NetworkPace {
  readonly #perSecond: number
  readonly #atOnce: number
  readonly #ownAtOnce: number
  readonly #clock: Clock
  readonly #strain: () => number
  readonly #together: RateLimit | null
  readonly #rates = new Map<string, Rates>()
  #prunedMs: MonotonicMs
  #timer: unknown = null
  #isAwaited = false

  /** Allows `perSecond` for each network. */
  constructor(perSecond: number, clock: Clock, options: NetworkPaceOptions = {}) {
    const { atOnce = perSecond, isShared = true, ownAtOnce = Math.max(1, perSecond * OWN_SHARE) } = options
    this.#strain = options.strain ?? (() => 1)
    this.#perSecond = perSecond
    this.#atOnce = atOnce
    this.#ownAtOnce = ownAtOnce
    this.#clock = clock
    this.#prunedMs = clock.now()
    this.#together = isShared ? new RateLimit(TOGETHER * perSecond, clock, TOGETHER * atOnce) : null
  }

  /** Whether something was not allowed since `onNext` has called back. */
  get isAwaited(): boolean {
    return this.#isAwaited
  }

  mayBegin(network: string): boolean {
    const may = isLoopback(network) || this.#isOpen(this.#rates.get(siteOf(network)))
    this.#isAwaited ||= !may
    return may
  }

  /** Something of the network has begun. */
  count(network: string): void {
    if (isLoopback(network)) return
    this.#prune()
    const site = siteOf(network)
    const rates = this.#rates.get(site) ?? this.#create()
    this.#rates.set(site, rates)
    const strain = this.#strain()
    if (rates.own?.take(this.#crowding(rates.own, strain)) !== true) this.#together?.charge(strain)
    rates.all.take()
  }

  /** Calls back, once, when a network might begin that was not allowed to. Not at all if all were allowed. */
  onNext(callback: () => void): void {
    if (!this.#isAwaited || this.#timer !== null) return
    this.#timer = this.#clock.setTimeout(
      () => {
        this.#timer = null
        this.#isAwaited = false
        callback()
      },
      Math.max(MIN_WAIT_MS, 1000 / this.#perSecond)
    )
  }

  /** What begins counts as this many for the network's own part. Those that have begun little of late do not pay for strain. */
  #crowding(own: RateLimit, strain: number): number {
    const factor = strain > 1 && own.fill <= QUIET_FILL ? strain : 1
    return Math.max(1, (factor * this.#rates.size) / FULL_SHARES)
  }

  /** Now and then, because it looks at all of them. */
  #prune(): void {
    const nowMs = this.#clock.now()
    if (nowMs - this.#prunedMs < PRUNE_MS) return
    this.#prunedMs = nowMs
    for (const [network, { all, own }] of this.#rates)
      if (Math.min(all.fill, own?.fill ?? 1) >= 1) this.#rates.delete(network)
  }

  /** A network that is not known has begun nothing for a while. */
  #isOpen(rates: Rates | undefined): boolean {
    if (rates === undefined) return true
    return rates.all.isOpen && (rates.own?.isOpen === true || this.#together?.isOpen !== false)
  }

  #create(): Rates {
    const all = new RateLimit(this.#perSecond, this.#clock, this.#atOnce)
    const own = this.#together && new RateLimit(this.#perSecond * OWN_SHARE, this.#clock, this.#ownAtOnce)
    return { all, own }
  }
}
