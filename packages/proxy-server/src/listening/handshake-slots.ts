import type { Clock } from '@swarmway/proxy-protocol'
import { LazyMap } from '@swarmway/runtime'
import type { Client } from '../client/client.js'

/** The slot of a handshake. */
export interface HandshakeSlot {
  /** The handshake's number at the client. */
  readonly id: number
  /** Frees the slot; repeated calls are fine. */
  release(): void
}

/** Counts the unfinished handshakes of one client's peers, and numbers them. */
export class HandshakeSlots {
  readonly #client: Client
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #timers = new LazyMap<number, unknown>()
  #lastId = 0

  /** An unfinished handshake frees its slot after `timeoutMs`. */
  constructor(client: Client, clock: Clock, timeoutMs: number) {
    this.#client = client
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  /** Number of unfinished handshakes. */
  get size(): number {
    return this.#timers.size
  }

  /** Takes a slot. @throws ProxyError `LIMIT` */
  reserve(): HandshakeSlot {
    const { maxPendingHandshakes } = this.#client.limits
    if (this.#timers.size >= maxPendingHandshakes) throw this.#client.atLimit('maxPendingHandshakes', 'handshakes')
    if (!this.#client.hasRoomForStream) throw this.#client.atLimit('maxStreams', 'streams')
    this.#lastId = (this.#lastId + 1) >>> 0
    const id = this.#lastId
    const release = () => this.#release(id)
    // Doubled because the client is asked for two things.
    this.#timers.set(id, this.#clock.setTimeout(release, 2 * this.#timeoutMs))
    return { id, release }
  }

  /** Stops all timers. */
  destroy(): void {
    for (const id of [...this.#timers.keys()]) this.#release(id)
  }

  #release(id: number): void {
    this.#clock.clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }
}

/** A client that others of this server can dial. */
export interface LocalPeer {
  readonly client: Client
  readonly handshakeSlots: HandshakeSlots
}
