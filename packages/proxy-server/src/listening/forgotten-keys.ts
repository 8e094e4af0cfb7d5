import type { Clock } from '@swarmway/proxy-protocol'

/** Milliseconds between two looks. A look sends nothing. */
const LOOK_MS = 5000
/** Looks that pass over a key after each announcement in vain, doubled each time, up to five minutes. */
const MAX_SKIPPED = 60

/** A key on which a client accepts connections. */
export interface AnnouncedKey {
  announceAgain(): void
}

/**
 * Notices keys that no DHT node knows any more, and has them announced again. HyperDHT forgets all its nodes in an outage
 * of twelve seconds, which may be too short to be noticed otherwise, and tries again only after five minutes.
 */
export class ForgottenKeys {
  readonly #clock: Clock
  readonly #find: () => Iterable<AnnouncedKey>
  #skipped = new Map<AnnouncedKey, { left: number; next: number }>()
  #timer: unknown = null

  /** `find` returns the keys that no node knows at the moment. */
  constructor(clock: Clock, find: () => Iterable<AnnouncedKey>) {
    this.#clock = clock
    this.#find = find
  }

  start(): void {
    this.stop()
    this.#timer = this.#clock.setTimeout(() => this.#look(), LOOK_MS)
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #look(): void {
    this.start()
    const before = this.#skipped
    this.#skipped = new Map()
    for (const key of this.#find()) {
      const { left, next } = before.get(key) ?? { left: 0, next: 1 }
      const isDue = left === 0
      this.#skipped.set(key, isDue ? { left: next, next: Math.min(2 * next, MAX_SKIPPED) } : { left: left - 1, next })
      if (isDue) key.announceAgain()
    }
  }
}
