import type { Clock, InputPace } from '@swarmway/proxy-protocol'
import { RateLimit } from '@swarmway/runtime'
import { isLoopback } from './network-places.js'

/** The part of a network's rate that each of its links may use in any case, and three times of it at once. */
const OWN_SHARE = 0.01
const OWN_BURST = 3
/** Milliseconds between two looks whether a link that waits may be read. */
const TURN_MS = 10
/** Networks beyond which those that have sent nothing for a second are forgotten. */
const MAX_KNOWN = 1024

/** What the links of one network may still send, and which of them wait. */
class NetworkInput {
  readonly rate: RateLimit
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()
  #timer: unknown = null

  constructor(perSecond: number, clock: Clock) {
    this.rate = new RateLimit(perSecond, clock)
    this.#clock = clock
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.rate.fill >= 1
  }

  wait(onTurn: () => void): void {
    this.#waiting.add(onTurn)
    this.#timer ??= this.#clock.setTimeout(() => this.#next(), TURN_MS)
  }

  leave(onTurn: () => void): void {
    this.#waiting.delete(onTurn)
    if (this.#waiting.size > 0) return
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  /** One at a time: what it sends decides when it is the turn of the next. */
  #next(): void {
    this.#timer = null
    const [first] = this.rate.isOpen ? this.#waiting : []
    if (first !== undefined) {
      this.#waiting.delete(first)
      first()
    }
    if (this.#waiting.size > 0) this.#timer ??= this.#clock.setTimeout(() => this.#next(), TURN_MS)
  }
}

/**
 * How fast the links of clients are read: those of one network share a rate, beyond which they wait in turn, except those
 * that send little. Handling what arrives takes this process's time, however cheap it was to send. Links of this machine
 * have a rate each: a reverse proxy on it looks like one network.
 */
export class InputPaces {
  readonly #perSecond: number
  readonly #clock: Clock
  readonly #onHeld: () => void
  readonly #networks = new Map<string, NetworkInput>()

  /** `onHeld` is called when a link has to wait. */
  constructor(perSecond: number, clock: Clock, onHeld: () => void) {
    this.#perSecond = perSecond
    this.#clock = clock
    this.#onHeld = onHeld
  }

  /** That of a new link from this network. */
  of(network: string): InputPace {
    const input = isLoopback(network) ? new NetworkInput(this.#perSecond, this.#clock) : this.#obtain(network)
    const ownPerSecond = Math.max(1, this.#perSecond * OWN_SHARE)
    const own = new RateLimit(ownPerSecond, this.#clock, OWN_BURST * ownPerSecond)
    return {
      take: (cost) => {
        input.rate.charge(cost)
        own.charge(cost)
        return own.isOpen || input.rate.isOpen
      },
      wait: (onTurn) => {
        this.#onHeld()
        input.wait(onTurn)
      },
      leave: (onTurn) => input.leave(onTurn)
    }
  }

  #obtain(network: string): NetworkInput {
    const input = this.#networks.get(network) ?? new NetworkInput(this.#perSecond, this.#clock)
    this.#networks.set(network, input)
    if (this.#networks.size > MAX_KNOWN) this.#prune()
    return input
  }

  /** A link of a forgotten one keeps what it has. */
  #prune(): void {
    for (const [network, input] of this.#networks) if (input.isIdle) this.#networks.delete(network)
  }
}
