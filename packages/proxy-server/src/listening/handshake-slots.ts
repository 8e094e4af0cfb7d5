import type { Clock } from '@swarmway/proxy-protocol'
import { LazyMap } from '@swarmway/runtime'
import { createAbort } from '../client/abort.js'
import type { Client } from '../client/client.js'
import type { Owner } from '../fairness/fair-queue.js'
import { Places } from '../fairness/places.js'

/** The slot of a handshake. */
export interface HandshakeSlot {
  /** The handshake's number at the client. */
  readonly id: number
  /** Frees the slot; repeated calls are fine. */
  release(): void
}

/**
 * Counts the unfinished handshakes of one client's peers, and numbers them. Those of this server's other clients have
 * slots of their own, which they get in turn: a crowd that dials one client costs the others there a moment.
 */
export class HandshakeSlots {
  readonly #client: Client
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #ends = new LazyMap<number, () => void>()
  #fromDht = 0
  /** Those of the other clients; null while there are none. */
  #local: Places | null = null
  #lastId = 0

  /** An unfinished handshake frees its slot after `timeoutMs`. */
  constructor(client: Client, clock: Clock, timeoutMs: number) {
    this.#client = client
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  /** Number of unfinished handshakes. */
  get size(): number {
    return this.#ends.size
  }

  /** Takes a slot for a peer that comes through the DHT. @throws ProxyError `LIMIT` */
  reserve(): HandshakeSlot {
    if (this.#fromDht >= this.#client.limits.maxPendingHandshakes) throw this.#tooMany()
    const slot = this.#open(() => this.#fromDht--)
    this.#fromDht++
    return slot
  }

  /**
   * Takes a slot for another client of this server, when it is its turn. Rejects with `LIMIT` if that takes too long, or
   * with `ABORTED` if `signal` fires.
   */
  async take(owner: Owner, signal: AbortSignal): Promise<HandshakeSlot> {
    this.#local ??= new Places(this.#client.limits.maxPendingHandshakes)
    const places = this.#local
    const late = createAbort()
    const timer = this.#clock.setTimeout(() => late.abort(), this.#timeoutMs)
    const place = await places
      .take(owner, AbortSignal.any([signal, late.signal]), 'the dial')
      .catch((error) => {
        throw signal.aborted ? error : this.#tooMany()
      })
      .finally(() => this.#clock.clearTimeout(timer))
    const giveBack = (): void => {
      places.release(place)
      // The next ones get as many as the client's limits say then.
      if (places.used + places.waiting === 0 && this.#local === places) this.#local = null
    }
    try {
      return this.#open(giveBack)
    } catch (error) {
      giveBack()
      throw error
    }
  }

  /** Stops all timers. */
  destroy(): void {
    for (const id of [...this.#ends.keys()]) this.#release(id)
  }

  #open(onEnd: () => void): HandshakeSlot {
    if (!this.#client.hasRoomForStream) throw this.#client.atLimit('maxStreams', 'streams')
    this.#lastId = (this.#lastId + 1) >>> 0
    const id = this.#lastId
    const release = () => this.#release(id)
    // Doubled because the client is asked for two things.
    const timer = this.#clock.setTimeout(release, 2 * this.#timeoutMs)
    this.#ends.set(id, () => {
      this.#clock.clearTimeout(timer)
      onEnd()
    })
    return { id, release }
  }

  #release(id: number): void {
    const end = this.#ends.get(id)
    if (this.#ends.delete(id)) end?.()
  }

  #tooMany() {
    return this.#client.atLimit('maxPendingHandshakes', 'handshakes')
  }
}

/** A client that others of this server can dial. */
export interface LocalPeer {
  readonly client: Client
  readonly handshakeSlots: HandshakeSlots
}
