import type { Clock } from '@swarmway/proxy-protocol'
import { RateLimit } from '@swarmway/runtime'
import { isLoopback } from './network-places.js'

/** Networks beyond which those that have not begun anything for a while are forgotten. */
const MAX_KNOWN = 1024

/** So many times what one network may begin, all together may, apart from their own parts. */
export const TOGETHER = 4
/** The part of a network's rate that is its own however much others begin, and the part of what it may begin at once. */
const OWN_SHARE = 1 / 16
const OWN_BURST = 1 / 2

interface Rates {
  readonly all: RateLimit
  readonly own: RateLimit
}

/** Options of a {@link NetworkPace}. */
export interface NetworkPaceOptions {
  /** What a network may begin at once after a pause. Default: as many as in a second. */
  readonly atOnce?: number
  /** Whether all networks together are limited too. Default: true. */
  readonly isShared?: boolean
}

/**
 * How often something of one network may begin, however many others leave room: work that takes no time elsewhere takes
 * all of this process's. Somebody with many addresses would have that many rates, so all networks together have a rate as
 * well, which does not hold back those that begin little. Addresses of this machine are exempt: a reverse proxy on it looks
 * like one network.
 */
export class NetworkPace {
  readonly #perSecond: number
  readonly #atOnce: number
  readonly #clock: Clock
  readonly #together: RateLimit | null
  readonly #rates = new Map<string, Rates>()
  #timer: unknown = null
  #isAwaited = false

  /** Allows `perSecond` for each network. */
  constructor(perSecond: number, clock: Clock, { atOnce = perSecond, isShared = true }: NetworkPaceOptions = {}) {
    this.#perSecond = perSecond
    this.#atOnce = atOnce
    this.#clock = clock
    this.#together = isShared ? new RateLimit(TOGETHER * perSecond, clock, TOGETHER * atOnce) : null
  }

  mayBegin(network: string): boolean {
    const may = isLoopback(network) || this.#isOpen(this.#rates.get(network))
    this.#isAwaited ||= !may
    return may
  }

  /** Something of the network has begun. */
  count(network: string): void {
    if (isLoopback(network)) return
    const rates = this.#rates.get(network) ?? this.#create()
    if (!rates.own.take()) this.#together?.charge(1)
    rates.all.take()
    this.#rates.set(network, rates)
    if (this.#rates.size > MAX_KNOWN) this.#prune()
  }

  /** Calls back, once, when a network might begin that was not allowed to. Not at all if all were allowed. */
  onNext(callback: () => void): void {
    if (!this.#isAwaited || this.#timer !== null) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null
      this.#isAwaited = false
      callback()
    }, 1000 / this.#perSecond)
  }

  #prune(): void {
    for (const [network, { all, own }] of this.#rates)
      if (Math.min(all.fill, own.fill) >= 1) this.#rates.delete(network)
  }

  /** A network that is not known has begun nothing for a while. */
  #isOpen(rates: Rates | undefined): boolean {
    if (rates === undefined) return true
    return rates.all.isOpen && (rates.own.isOpen || this.#together?.isOpen !== false)
  }

  #create(): Rates {
    const own = Math.max(1, this.#atOnce * OWN_BURST)
    return {
      all: new RateLimit(this.#perSecond, this.#clock, this.#atOnce),
      own: new RateLimit(this.#perSecond * OWN_SHARE, this.#clock, own)
    }
  }
}
