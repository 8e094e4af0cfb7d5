import type { Clock } from '@swarmway/proxy-protocol'
import type { Owner } from './fair-queue.js'
import { NetworkPace } from './network-pace.js'
import { Places } from './places.js'

/**
 * Spaces the checks of signatures that clients send. One takes as long as some hundred other messages, so those of one
 * network begin at a rate, and what exceeds it waits, in turn by client.
 */
export class SignatureChecks {
  readonly #pace: NetworkPace
  readonly #places: Places

  /** Allows `perSecond` for each network, and as many at once. */
  constructor(perSecond: number, clock: Clock) {
    this.#pace = new NetworkPace(perSecond, clock)
    this.#places = new Places(1, this.#pace)
  }

  /** Resolves when it is the client's turn; null if that is now. Rejects with `ABORTED` if `signal` fires. */
  turn(owner: Owner, signal: AbortSignal): Promise<void> | null {
    if (this.#places.waiting === 0 && this.#pace.mayBegin(owner.network)) {
      this.#pace.count(owner.network)
      return null
    }
    return this.#places.take(owner, signal, 'the check of a signature').then((place) => this.#places.release(place))
  }
}
