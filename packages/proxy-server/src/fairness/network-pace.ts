import type { Clock } from '@swarmway/proxy-protocol'
import { RateLimit } from '@swarmway/runtime'
import { isLoopback } from './network-places.js'

/** Networks beyond which those that have not begun anything for a while are forgotten. */
const MAX_KNOWN = 1024

/**
 * How often something of one network may begin, however many others leave room: work that takes no time elsewhere takes
 * all of this process's. Addresses of this machine are exempt: a reverse proxy on it looks like one network.
 */
export class NetworkPace {
  readonly #perSecond: number
  readonly #atOnce: number
  readonly #clock: Clock
  readonly #rates = new Map<string, RateLimit>()
  #timer: unknown = null
  #isAwaited = false

  /** Allows `perSecond` for each network, and `atOnce` after a pause; default as many as in a second. */
  constructor(perSecond: number, clock: Clock, atOnce = perSecond) {
    this.#perSecond = perSecond
    this.#atOnce = atOnce
    this.#clock = clock
  }

  mayBegin(network: string): boolean {
    const may = isLoopback(network) || (this.#rates.get(network)?.isOpen ?? true)
    this.#isAwaited ||= !may
    return may
  }

  /** Something of the network has begun. */
  count(network: string): void {
    if (isLoopback(network)) return
    const rate = this.#rates.get(network) ?? new RateLimit(this.#perSecond, this.#clock, this.#atOnce)
    rate.take()
    this.#rates.set(network, rate)
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
    for (const [network, { fill }] of this.#rates) if (fill >= 1) this.#rates.delete(network)
  }
}
