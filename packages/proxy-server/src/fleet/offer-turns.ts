import type { Owner } from '../fairness/fair-queue.js'
import { Places } from '../fairness/places.js'
import { nameOf } from './presence/own-topics.js'
import type { FleetServer } from './presence/presence.js'

/** Handshakes that are under way to one server at once; its link could carry four times as many. */
const MAX_PER_SERVER = 1024

/**
 * Bounds the handshakes that are under way to other servers and to each of their clients, and gives this server's clients
 * their turns: by network, then by client. The other server sees one crowd, and knows nobody in it; so the order is made
 * here, where the clients are known.
 */
export class OfferTurns {
  readonly #maxPerPeer: number
  readonly #places = new Map<string, Places>()

  /** `maxPerPeer` is how many may be under way to one client. */
  constructor(maxPerPeer: number) {
    this.#maxPerPeer = maxPerPeer
  }

  /**
   * Resolves when it is the client's turn to offer a handshake to the key at this server. The returned function ends the
   * turn. Rejects with `ABORTED` if `signal` fires before.
   */
  async take({ id }: FleetServer, publicKey: Uint8Array, owner: Owner, signal: AbortSignal): Promise<() => void> {
    const leavePeer = await this.#enter(`${id} ${nameOf(publicKey)}`, this.#maxPerPeer, owner, signal)
    try {
      const leaveServer = await this.#enter(id, MAX_PER_SERVER, owner, signal)
      return () => {
        leaveServer()
        leavePeer()
      }
    } catch (error) {
      leavePeer()
      throw error
    }
  }

  async #enter(name: string, max: number, owner: Owner, signal: AbortSignal): Promise<() => void> {
    const places = this.#places.get(name) ?? new Places(max)
    this.#places.set(name, places)
    const forgetIfUnused = (): void => {
      if (places.used + places.waiting === 0 && this.#places.get(name) === places) this.#places.delete(name)
    }
    try {
      const place = await places.take(owner, signal, 'the dial')
      return () => {
        places.release(place)
        forgetIfUnused()
      }
    } catch (error) {
      forgetIfUnused()
      throw error
    }
  }
}
