import type { Clock, InputPace } from '@swarmway/proxy-protocol'
import { LazyMap, RateLimit } from '@swarmway/runtime'
import { isLoopback, siteOf } from './network-of.js'
import { TOGETHER } from './network-pace.js'

/** The part of a network's rate that each of its links has for itself, and three times of it at once. */
const OWN_SHARE = 0.01
const OWN_BURST = 3
/** Links of a network that send and have this part in full. Those of a larger crowd have less, so that it remains bounded. */
const FULL_SHARES = 50
/** What a link may use of its own part without being one that sends: pings, and a message now and then. */
const IDLE_SHARE = 0.01
/** Milliseconds for which the links that send are counted: those in which a link has its own part back in full. */
const COUNT_MS = 1000 * OWN_BURST
/** Milliseconds between two looks whether a link that waits may be read. */
const TURN_MS = 10
/** Networks beyond which those without links and debts are forgotten. */
const MAX_KNOWN = 1024

/** Counts the links that send: in a period or in the one before, whichever were more. */
class BusyLinks {
  #period = 0
  #count = 0
  #countBefore = 0

  /** One more in this period. */
  add(period: number): void {
    this.#begin(period)
    this.#count++
  }

  count(period: number): number {
    this.#begin(period)
    return Math.max(this.#count, this.#countBefore)
  }

  #begin(period: number): void {
    if (period === this.#period) return
    this.#countBefore = period === this.#period + 1 ? this.#count : 0
    this.#count = 0
    this.#period = period
  }
}

/** What the links of all networks may still send together. */
interface AllInput {
  readonly rate: RateLimit
  readonly busy: BusyLinks
}

/** What the links of one network may still send, and which of them wait. */
class NetworkInput {
  readonly rate: RateLimit
  /** Number of open links. */
  links = 0
  readonly #busy = new BusyLinks()
  /** Null for this machine. */
  readonly #all: AllInput | null
  readonly #clock: Clock
  readonly #waiting = new LazyMap<LinkInput, () => void>()
  #timer: unknown = null

  constructor(perSecond: number, clock: Clock, all: AllInput | null) {
    this.rate = new RateLimit(perSecond, clock)
    this.#all = all
    this.#clock = clock
  }

  /** Whether links that have used up their own part may be read. */
  get isOpen(): boolean {
    return this.rate.isOpen && this.#all?.rate.isOpen !== false
  }

  /** How many times larger the crowd is than one whose links have their own part in full. */
  crowding(period: number): number {
    const all = this.#all?.busy.count(period) ?? 0
    return Math.max(1, this.#busy.count(period) / FULL_SHARES, all / (TOGETHER * FULL_SHARES))
  }

  /** One more link sends in this period. */
  addBusy(period: number): void {
    this.#busy.add(period)
    this.#all?.busy.add(period)
  }

  charge(cost: number): void {
    this.rate.charge(cost)
    this.#all?.rate.charge(cost)
  }

  get isIdle(): boolean {
    return this.links === 0 && this.rate.fill >= 1
  }

  wait(link: LinkInput, onTurn: () => void): void {
    this.#waiting.set(link, onTurn)
    this.#timer ??= this.#clock.setTimeout(() => this.#next(), TURN_MS)
  }

  leave(link: LinkInput): void {
    this.#waiting.delete(link)
    if (this.#waiting.size > 0) return
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  /** One at a time: what it sends decides when it is the turn of the next. */
  #next(): void {
    this.#timer = null
    const { isOpen } = this
    const next = [...this.#waiting].find(([link]) => isOpen || link.own.isOpen)
    if (next !== undefined) {
      const [link, onTurn] = next
      this.#waiting.delete(link)
      onTurn()
    }
    if (this.#waiting.size > 0) this.#timer ??= this.#clock.setTimeout(() => this.#next(), TURN_MS)
  }
}

/** What one link may still send. */
class LinkInput implements InputPace {
  /** What it may send in any case. That does not count for the network, or a crowd of such links would stop the others. */
  readonly own: RateLimit
  readonly #network: NetworkInput
  readonly #clock: Clock
  readonly #onHeld: () => void
  #period = 0
  /** What it has sent in this period. */
  #cost = 0

  constructor(network: NetworkInput, clock: Clock, onHeld: () => void) {
    const perSecond = Math.max(1, network.rate.perSecond * OWN_SHARE)
    this.own = new RateLimit(perSecond, clock, OWN_BURST * perSecond)
    this.#network = network
    this.#clock = clock
    this.#onHeld = onHeld
    network.links++
  }

  take(cost: number): boolean {
    const period = Math.floor(this.#clock.now() / COUNT_MS)
    this.#count(cost, period)
    this.own.charge(cost * this.#network.crowding(period))
    if (this.own.isOpen) return true
    this.#network.charge(cost)
    return this.#network.isOpen
  }

  wait(onTurn: () => void): void {
    this.#onHeld()
    this.#network.wait(this, onTurn)
  }

  end(): void {
    this.#network.links--
    this.#network.leave(this)
  }

  #count(cost: number, period: number): void {
    const before = period === this.#period ? this.#cost : 0
    const idleCost = (IDLE_SHARE * this.own.perSecond * COUNT_MS) / 1000
    if (before <= idleCost && before + cost > idleCost) this.#network.addBusy(period)
    this.#cost = before + cost
    this.#period = period
  }
}

/**
 * How fast the links of clients are read: those of one network share a rate, beyond which they wait in turn, except those
 * that send little. Handling what arrives takes this process's time, however cheap it was to send. Links of this machine
 * have a rate each: a reverse proxy on it looks like one network. All other links together have a rate too, because somebody
 * may have many addresses.
 */
export class InputPaces {
  readonly #perSecond: number
  readonly #clock: Clock
  readonly #onHeld: () => void
  readonly #sites = new Map<string, NetworkInput>()
  readonly #all: AllInput
  #pruneAt = MAX_KNOWN

  /** `onHeld` is called when a link has to wait. */
  constructor(perSecond: number, clock: Clock, onHeld: () => void) {
    this.#perSecond = perSecond
    this.#clock = clock
    this.#onHeld = onHeld
    this.#all = { rate: new RateLimit(TOGETHER * perSecond, clock), busy: new BusyLinks() }
  }

  /** The pace of a new link from this network. */
  of(network: string): InputPace {
    const input = isLoopback(network) ? new NetworkInput(this.#perSecond, this.#clock, null) : this.#obtain(network)
    return new LinkInput(input, this.#clock, this.#onHeld)
  }

  #obtain(network: string): NetworkInput {
    const site = siteOf(network)
    const input = this.#sites.get(site) ?? new NetworkInput(this.#perSecond, this.#clock, this.#all)
    if (this.#sites.size >= this.#pruneAt) this.#prune()
    this.#sites.set(site, input)
    return input
  }

  /** Rarely, because it looks at all of them. */
  #prune(): void {
    for (const [site, input] of this.#sites) if (input.isIdle) this.#sites.delete(site)
    this.#pruneAt = Math.max(MAX_KNOWN, 2 * this.#sites.size)
  }
}
