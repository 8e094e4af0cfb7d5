import type { Clock } from '@swarmway/proxy-protocol'
import type { Owner } from './fair-queue.js'
import { NetworkPace } from './network-pace.js'
import { Places } from './places.js'

/** Spaces work that takes long: each network may begin it at a rate, and what exceeds that waits, in turn by client. */
export class NetworkTurns {
  readonly #pace: NetworkPace
  readonly #places: Places
  readonly #what: string

  /** Allows `perSecond` for each network, and as many at once. `what` says in errors what waits. */
  constructor(perSecond: number, clock: Clock, what: string, strain?: () => number) {
    this.#pace = new NetworkPace(perSecond, clock, strain && { strain })
    this.#places = new Places(1, this.#pace)
    this.#what = what
  }

  /** Resolves when it is the client's turn; null if that is now. Rejects with `ABORTED` if `signal` fires. */
  turn(owner: Owner, signal: AbortSignal): Promise<void> | null {
    if (this.#places.waiting === 0 && this.#pace.mayBegin(owner.network)) {
      this.#pace.count(owner.network)
      return null
    }
    return this.#places.take(owner, signal, this.#what).then((place) => this.#places.release(place))
  }
}
