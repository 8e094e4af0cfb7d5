import { backoffMs, type Clock, type MonotonicMs, monotonicMs } from '@swarmway/runtime'

/** A link that lived this long was good: the next failure is the first one. */
export const GOOD_LINK_MS = 10_000
/** Whatever the options say, the first wait and the ceiling are at least this long. */
const MIN_FIRST_MS = 10
const MIN_CEILING_MS = 100

/** What {@link Pacing} needs of an uplink's settings. */
export interface PacingSettings {
  readonly clock: Clock
  readonly reconnectMinMs: number
  readonly reconnectMaxMs: number
  readonly random: () => number
}

/**
 * Spaces tries, for every caller. The wait doubles with each round of failures, up to a ceiling; half of it is
 * random. A try that somebody asks for before its time (`reconnect`, the network is back) is made at once, the next of
 * that kind after a wait that doubles as well. Only a link that lived resets both.
 */
export class Pacing {
  readonly #settings: PacingSettings
  #failures = 0
  #earlyTries = 0
  /** How long after the last try an early one may be made. */
  #earlyGapMs = 0
  #lastTryMs: MonotonicMs = monotonicMs(Number.NEGATIVE_INFINITY)
  #lastEarlyMs: MonotonicMs = monotonicMs(Number.NEGATIVE_INFINITY)

  constructor(settings: PacingSettings) {
    this.#settings = settings
  }

  /** Milliseconds since the last try began. */
  get sinceTryMs(): number {
    return this.#settings.clock.now() - this.#lastTryMs
  }

  /** A try begins; `isEarly` if before its time. */
  began(isEarly: boolean): void {
    this.#lastTryMs = this.#settings.clock.now()
    if (!isEarly) return
    this.#lastEarlyMs = this.#lastTryMs
    this.#earlyGapMs = this.afterMs(this.#earlyTries++)
  }

  failed(): void {
    this.#failures++
  }

  /** A link has ended. Returns whether it was good, which resets everything; if not, it counts as a failure. */
  linkEnded(livedMs: number): boolean {
    const isGood = livedMs >= Math.min(GOOD_LINK_MS, this.#ceilingMs)
    this.#failures = isGood ? 0 : this.#failures + 1
    if (isGood) this.#earlyTries = 0
    return isGood
  }

  /** Milliseconds until the next try; all of `serverCount` servers are tried before the wait grows. */
  waitMs(serverCount: number): number {
    return this.afterMs(Math.floor(this.#failures / Math.max(1, serverCount)))
  }

  /** Milliseconds until the next try at a server that has failed so often in a row. */
  afterMs(failures: number): number {
    const { random, reconnectMinMs } = this.#settings
    return backoffMs(failures, { firstMs: Math.max(reconnectMinMs, MIN_FIRST_MS), maxMs: this.#ceilingMs, random })
  }

  /** Milliseconds until an early try may be made; 0 for now. */
  earlyWaitMs(): number {
    const now = this.#settings.clock.now()
    if (now - this.#lastEarlyMs >= 2 * this.#ceilingMs) this.#earlyTries = 0
    return this.#earlyTries === 0 ? 0 : Math.max(0, this.#lastTryMs + this.#earlyGapMs - now)
  }

  get #ceilingMs(): number {
    return Math.max(this.#settings.reconnectMaxMs, MIN_CEILING_MS)
  }
}
