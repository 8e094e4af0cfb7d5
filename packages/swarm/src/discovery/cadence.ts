/**
 * When to look a topic up again.
 *
 * An announce looks up first and stores afterwards. So peers that join at the same moment all look before any of them
 * has stored, and find nobody. The re-lookups after a join, each of which asks a few of the nodes nearest to the
 * topic, find them; normal refreshes follow.
 */

/** Milliseconds to wait before each re-lookup of a join, counted from the end of the query before it. */
const RELOOKUP_DELAYS_MS = [250, 1000, 2500, 6000, 15_000]
/**
 * Number of nearest nodes that a re-lookup asks. Each knows all peers that announced, and returns up to 20 of them, so that
 * all nearest nodes are asked if there are more and there is no connection yet: anyone can announce hundreds of keys, and
 * one in ten joins never heard of the only peer among 400.
 */
export const RELOOKUP_NODES = 5
/** What a node of HyperDHT returns at most. */
export const MAX_PEERS_IN_REPLY = 20

const REFRESH_MS = 10 * 60_000
const REFRESH_JITTER_MS = 2 * 60_000
const FIRST_RETRY_MS = 5000

/** The next action for a topic, and the milliseconds until then. */
export interface NextStep {
  readonly kind: 'relookup' | 'refresh'
  readonly delayMs: number
}

/** The schedule of one topic. */
export class Cadence {
  readonly #random: () => number
  #relookups = RELOOKUP_DELAYS_MS.length
  #failures = 0

  constructor(random: () => number) {
    this.#random = random
  }

  /** The topic was joined, or joined in another mode: peers may be about to do the same. */
  restart(): void {
    this.#relookups = 0
  }

  /** Ends the re-lookups, which are needed only to find peers. */
  skipRelookups(): void {
    this.#relookups = RELOOKUP_DELAYS_MS.length
  }

  afterSuccess(): NextStep {
    this.#failures = 0
    const delayMs = RELOOKUP_DELAYS_MS[this.#relookups]
    if (delayMs === undefined) return { kind: 'refresh', delayMs: REFRESH_MS + REFRESH_JITTER_MS * this.#random() }
    this.#relookups++
    return { kind: 'relookup', delayMs: delayMs * (0.5 + this.#random()) }
  }

  /** A failed query is repeated soon, then less and less often, down to the normal cadence. */
  afterFailure(): NextStep {
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, REFRESH_MS)
    this.#failures++
    return { kind: 'refresh', delayMs: delayMs * (1 + this.#random()) }
  }
}
