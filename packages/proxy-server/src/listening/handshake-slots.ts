import type { Clock } from '@swarmway/proxy-protocol'
import type { Client } from '../client/client.js'

/** A handshake's place. */
export interface HandshakeSlot {
  /** Its number at the client. */
  readonly id: number
  /** Gives the place back; again and again is fine. */
  release(): void
}

/** Counts the unfinished handshakes of one client's peers, and numbers them. */
export class HandshakeSlots {
  readonly #client: Client
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #timers = new Map<number, unknown>()
  #lastId = 0

  /** A handshake that nobody finishes gives its place back after `timeoutMs`. */
  constructor(client: Client, clock: Clock, timeoutMs: number) {
    this.#client = client
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  /** Unfinished handshakes. */
  get size(): number {
    return this.#timers.size
  }

  /** A place. @throws ProxyError `LIMIT` */
  reserve(): HandshakeSlot {
    const { maxPendingHandshakes } = this.#client.limits
    if (this.#timers.size >= maxPendingHandshakes) throw this.#client.atLimit('maxPendingHandshakes', 'handshakes')
    if (!this.#client.hasRoomForStream) throw this.#client.atLimit('maxStreams', 'streams')
    this.#lastId = (this.#lastId + 1) >>> 0
    const id = this.#lastId
    const release = () => this.#release(id)
    // Twice: once for each thing that is asked of the client.
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
