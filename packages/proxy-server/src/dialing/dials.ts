import { connectBody, ProxyError } from '@swarmway/proxy-protocol'
import { createAbort } from '../client/abort.js'
import type { Client } from '../client/client.js'
import type { ServerServices } from '../context/services.js'
import { peerNotFound } from '../errors.js'
import { type DialOrder, dialThroughDht } from './dht-dial.js'
import { dialLocally } from './local-dial.js'

const EMPTY = new Uint8Array(0)

/** The dials of one client. */
export class Dials {
  readonly #context: ServerServices
  readonly #client: Client
  readonly #running = new Map<number, AbortController>()

  constructor(context: ServerServices, client: Client) {
    this.#context = context
    this.#client = client
  }

  /** Number of dials in progress. */
  get size(): number {
    return this.#running.size
  }

  /** Handles CONNECT. */
  async connect(body: Uint8Array): Promise<Uint8Array> {
    const { dialId, publicKey, addresses } = connectBody.decode(body)
    this.#assertRoom(dialId)
    const controller = createAbort()
    this.#running.set(dialId, controller)
    try {
      await this.#dial({ client: this.#client, dialId, publicKey, addresses, signal: controller.signal })
    } finally {
      this.#running.delete(dialId)
    }
    return EMPTY
  }

  /** Handles CONNECT_CANCEL. A late one is ignored. */
  cancel(dialId: number): void {
    this.#running.get(dialId)?.abort()
  }

  /** Ends all dials. */
  destroy(): void {
    for (const controller of this.#running.values()) controller.abort()
  }

  /**
   * A client without a link is dialled through the DHT, if the server has one: the client may have reconnected to
   * another server, and the DHT has the latest address.
   */
  #dial(order: DialOrder): Promise<void> {
    const { dht, listeners } = this.#context
    const peer = listeners.localPeer(order.publicKey)
    if (peer !== null && (peer.client.attached || dht === null)) return dialLocally(peer, this.#context, order)
    if (dht === null) return Promise.reject(peerNotFound())
    return dialThroughDht(dht, this.#context, order)
  }

  #assertRoom(dialId: number): void {
    const { maxDials } = this.#client.limits
    if (this.#running.size >= maxDials) throw this.#client.atLimit('maxDials', 'dials in progress')
    if (!this.#client.hasRoomForStream) throw this.#client.atLimit('maxStreams', 'streams')
    if (this.#running.has(dialId)) throw new ProxyError('BAD_REQUEST', `dial ${dialId} is already in progress`)
  }
}
