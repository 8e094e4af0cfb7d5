import { type MonotonicMs, monotonicMs } from '@swarmway/proxy-protocol'
import type { Connect, UplinkSettings } from '../options.js'

type Settings = Pick<UplinkSettings, 'clock' | 'connects' | 'reconnectMinMs' | 'reconnectMaxMs' | 'random'>

/**
 * Chooses which server to try next, and when: all in turn with short pauses, then a pause that doubles per round. A
 * server that refused us for good is left out, and one that must not be tried yet comes after the others.
 */
export class ServerChoice {
  readonly #settings: Settings
  readonly #refused = new Set<Connect>()
  /** Servers that must not be tried before a time. */
  readonly #notBefore = new Map<Connect, MonotonicMs>()
  #index = 0
  #failures = 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Forgets all failures. */
  reset(): void {
    this.#refused.clear()
    this.#notBefore.clear()
    this.#failures = 0
  }

  /** The server to try next: the first that may be tried, or else the first that may be again; null if all have refused. */
  next(): Connect | null {
    const { connects } = this.#settings
    const inTurn = [...connects.slice(this.#index), ...connects.slice(0, this.#index)]
    const [first = null, ...others] = inTurn.filter((candidate) => !this.#refused.has(candidate))
    return others.reduce((best, other) => (best && this.#waitMs(other) < this.#waitMs(best) ? other : best), first)
  }

  /** The server accepted us. Its failures are forgotten only once the session has proved good: see `forgive`. */
  succeeded(connect: Connect): void {
    this.#index = Math.max(0, this.#settings.connects.indexOf(connect))
    this.#notBefore.delete(connect)
  }

  /** The next attempt may come soon: the link ended in order. */
  forgive(): void {
    this.#failures = 0
  }

  /** `waitMs`: for how long it must not be tried again, if that is longer than the usual pause. */
  failed(connect: Connect, isFinal: boolean, waitMs = 0): void {
    if (isFinal) this.#refused.add(connect)
    if (waitMs > 0) this.#notBefore.set(connect, monotonicMs(this.#settings.clock.now() + waitMs))
    this.#failures++
    this.#index = (this.#index + 1) % Math.max(1, this.#settings.connects.length)
  }

  /** Milliseconds until the next attempt; null if all have refused. */
  delayMs(): number | null {
    const next = this.next()
    if (next === null) return null
    const { connects, random, reconnectMaxMs, reconnectMinMs } = this.#settings
    const round = Math.floor(this.#failures / connects.length)
    const pauseMs = Math.min(reconnectMinMs * 2 ** round, reconnectMaxMs) * (0.5 + random())
    return Math.max(pauseMs, this.#waitMs(next))
  }

  #waitMs(connect: Connect): number {
    const { clock } = this.#settings
    return Math.max(0, (this.#notBefore.get(connect) ?? clock.now()) - clock.now())
  }
}
