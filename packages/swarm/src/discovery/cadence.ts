/**
 * When to look a topic up again.
 *
 * An announce looks up first and stores afterwards. So peers that join at the same moment all look before any of them
 * has stored, and find nobody. The re-lookups after a join, each of which asks a few of the nodes nearest to the
 * topic, find them; normal refreshes follow.
 *
 * A node returns some of the peers that it knows, chosen at random. On a crowded topic, one real peer among hundreds
 * that somebody has invented is in few of the answers, so a topic with few connections is swept: all of the nearest
 * nodes are asked, again and again.
 */

/** Milliseconds to wait before each re-lookup of a join, counted from the end of the query before it. */
const RELOOKUP_DELAYS_MS = [250, 1000, 2500, 6000, 15_000]
/** Number of nearest nodes that a re-lookup asks. Each knows all peers that announced. */
export const RELOOKUP_NODES = 5
/** The most peers that a node returns, as in HyperDHT: then it may know more. */
export const MAX_ANSWER_PEERS = 20

/** With 20 nodes, 400 invented peers hide a real one in one case of 150 after 5 sweeps, and 1,600 of them after 20. */
const MAX_SWEEPS = 20
const SWEEP_MS = 1000

const REFRESH_MS = 10 * 60_000
const REFRESH_JITTER_MS = 2 * 60_000
const FIRST_RETRY_MS = 5000

/** The next action for a topic, and the milliseconds until then. */
export interface NextStep {
  readonly kind: 'relookup' | 'sweep' | 'refresh'
  readonly delayMs: number
}

/** The schedule of one topic. */
export class Cadence {
  readonly #random: () => number
  #relookups = RELOOKUP_DELAYS_MS.length
  #sweeps = MAX_SWEEPS
  #failures = 0

  constructor(random: () => number) {
    this.#random = random
  }

  /** The topic was joined, or joined in another mode: peers may be about to do the same. */
  restart(): void {
    this.#relookups = 0
    this.#sweeps = 0
  }

  /** Ends the re-lookups, which are needed only to find peers. */
  skipRelookups(): void {
    this.#relookups = RELOOKUP_DELAYS_MS.length
    this.#sweeps = MAX_SWEEPS
  }

  /** `isHidden`: most of its peers may still be unknown. */
  afterSuccess(isHidden = false): NextStep {
    this.#failures = 0
    if (isHidden && this.#sweeps < MAX_SWEEPS) {
      this.#sweeps++
      return { kind: 'sweep', delayMs: SWEEP_MS * (0.5 + this.#random()) }
    }
    const delayMs = RELOOKUP_DELAYS_MS[this.#relookups]
    if (delayMs === undefined) return this.refresh()
    this.#relookups++
    return { kind: 'relookup', delayMs: delayMs * (0.5 + this.#random()) }
  }

  /** The usual refresh. */
  refresh(): NextStep {
    return { kind: 'refresh', delayMs: REFRESH_MS + REFRESH_JITTER_MS * this.#random() }
  }

  /** A failed query is repeated soon, then less and less often, down to the normal cadence. */
  afterFailure(): NextStep {
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, REFRESH_MS)
    this.#failures++
    return { kind: 'refresh', delayMs: delayMs * (1 + this.#random()) }
  }
}
