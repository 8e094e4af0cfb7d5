import { type Clock, RateLimit } from '@swarmway/runtime'
import { MAX_HASHES } from './topic-proofs.js'

/** Hashes a second that the handshakes of strangers may cost: about a twelfth of a core. */
const HASHES_PER_SECOND = 50_000
/** Hashes for a handshake beyond that. They cost less than the rest of the handshake. */
const FEW_HASHES = 64

/** How many hashes a handshake may cost. What is not checked then is checked when the connection is open. */
export class HashBudget {
  readonly #rate: RateLimit

  constructor(clock: Clock) {
    this.#rate = new RateLimit(HASHES_PER_SECOND, clock)
  }

  /** The most hashes for a handshake that could use this many. */
  take(wanted: number): number {
    const most = Math.min(wanted, MAX_HASHES)
    return most <= FEW_HASHES || this.#rate.take(most) ? most : FEW_HASHES
  }
}
