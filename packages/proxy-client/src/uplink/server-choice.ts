import type { Connect, UplinkSettings } from '../options.js'

type Settings = Pick<UplinkSettings, 'connects' | 'reconnectMinMs' | 'reconnectMaxMs' | 'random'>

/**
 * Chooses which server to try next, and when: all in turn with short pauses, then a pause that doubles per round. A
 * server that refused permanently (denied us, speaks another protocol) is left out.
 */
export class ServerChoice {
  readonly #settings: Settings
  readonly #refused = new Set<Connect>()
  #index = 0
  #failures = 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Forgets all failures. */
  reset(): void {
    this.#refused.clear()
    this.#failures = 0
  }

  /** The server to try now; null if all have refused. */
  next(): Connect | null {
    const { connects } = this.#settings
    for (let i = 0; i < connects.length; i++) {
      const candidate = connects[(this.#index + i) % connects.length]
      if (candidate !== undefined && !this.#refused.has(candidate)) return candidate
    }
    return null
  }

  /** The server accepted us. Its failures are forgotten only once the session has proved good: see `forgive`. */
  succeeded(connect: Connect): void {
    this.#index = Math.max(0, this.#settings.connects.indexOf(connect))
  }

  /** The next attempt may come soon: the link ended in order. */
  forgive(): void {
    this.#failures = 0
  }

  failed(connect: Connect, isFinal: boolean): void {
    if (isFinal) this.#refused.add(connect)
    this.#failures++
    this.#index = (this.#index + 1) % Math.max(1, this.#settings.connects.length)
  }

  /** Milliseconds until the next attempt; null if all have refused. */
  delayMs(): number | null {
    if (this.next() === null) return null
    const { connects, random, reconnectMaxMs, reconnectMinMs } = this.#settings
    const round = Math.floor(this.#failures / connects.length)
    return Math.min(reconnectMinMs * 2 ** round, reconnectMaxMs) * (0.5 + random())
  }
}
