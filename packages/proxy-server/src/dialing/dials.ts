import { type CLIENT_REQUESTS, type DecodedBody, ProxyError } from '@swarmway/proxy-protocol'
import { LazyMap, reasonOf, trace } from '@swarmway/runtime'
import { createAbort } from '../client/abort.js'
import type { Client } from '../client/client.js'
import type { ServerServices } from '../context/services.js'
import { HolePunches } from '../dht/hole-punches.js'
import type { HyperDht } from '../dht/hyperdht.js'
import { cancelled, peerNotFound } from '../errors.js'
import type { Fleet } from '../fleet/fleet.js'
import type { FleetServer } from '../fleet/presence/presence.js'
import type { LocalPeer } from '../listening/handshake-slots.js'
import { type DialOrder, dialThroughDht } from './dht-dial.js'
import { dialLocally } from './local-dial.js'
import { PacketBudget } from './packet-budget.js'

/** Bytes of a CONNECT without its addresses, and of each address. */
const CONNECT_BYTES = 48
const ADDRESS_BYTES = 6

/** The dials of one client. */
export class Dials {
  readonly #context: ServerServices
  readonly #client: Client
  readonly #budget: PacketBudget
  readonly #punches: HolePunches
  readonly #running = new LazyMap<number, AbortController>()

  constructor(context: ServerServices, client: Client) {
    this.#context = context
    this.#client = client
    this.#budget = new PacketBudget(client.limits.maxDialPacketsPerMinute, context.clock, () =>
      context.counters.countLimitHit('maxDialPacketsPerMinute')
    )
    this.#punches = new HolePunches({
      ...context,
      perMinute: client.limits.maxPunchPacketsPerMinute,
      owner: () => client,
      onLimit: () => context.counters.countLimitHit('maxPunchPacketsPerMinute')
    })
  }

  /** Number of dials in progress. */
  get size(): number {
    return this.#running.size
  }

  /** Handles CONNECT. */
  async connect({ dialId, publicKey, addresses }: DecodedBody<typeof CLIENT_REQUESTS.CONNECT>): Promise<void> {
    this.#assertRoom(dialId)
    const controller = createAbort()
    this.#running.set(dialId, controller)
    try {
      this.#budget.earn(CONNECT_BYTES + ADDRESS_BYTES * addresses.length)
      const own = { client: this.#client, budget: this.#budget, punches: this.#punches }
      await this.#dial({ ...own, dialId, publicKey, addresses, signal: controller.signal })
      trace.server?.('dialled', { peer: publicKey })
    } catch (error) {
      trace.server?.('dial-failed', { peer: publicKey, ...reasonOf(error) })
      throw error
    } finally {
      this.#running.delete(dialId)
    }
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
  async #dial(order: DialOrder): Promise<void> {
    const { dht, fleet, listeners } = this.#context
    const peer = listeners.localPeer(order.publicKey)
    if (peer?.client.attached) return this.#dialLocally(peer, order)
    // Without a DHT, the fleet is asked for keys that it has not told: that takes a moment.
    const known = fleet?.serversOf(order.publicKey) ?? []
    const servers =
      known.length > 0 || dht !== null || peer !== null
        ? known
        : await fleet?.find(order.publicKey, order.client, order.signal)
    if (order.signal.aborted) throw cancelled('the dial')
    if (fleet !== null && servers !== undefined && servers.length > 0) return this.#dialAcross(fleet, servers, order)
    if (dht === null && peer !== null) return this.#dialLocally(peer, order)
    trace.server?.('dial', { peer: order.publicKey, way: dht === null ? 'none' : 'dht' })
    if (dht === null) throw peerNotFound()
    return this.#dialThroughDht(dht, order)
  }

  #dialLocally(peer: LocalPeer, order: DialOrder): Promise<void> {
    trace.server?.('dial', { peer: order.publicKey, way: 'local' })
    return dialLocally(peer, this.#context, order)
  }

  #dialAcross(fleet: Fleet, servers: readonly FleetServer[], order: DialOrder): Promise<void> {
    trace.server?.('dial', { peer: order.publicKey, way: 'fleet' })
    return fleet.dial(servers, order)
  }

  async #dialThroughDht(dht: HyperDht, order: DialOrder): Promise<void> {
    await this.#context.load.relief(order.client, order.signal)
    if (order.signal.aborted) throw cancelled('the dial')
    await dialThroughDht(dht, this.#context, order)
  }

  #assertRoom(dialId: number): void {
    const { maxDials } = this.#client.limits
    if (this.#running.size >= maxDials) throw this.#client.atLimit('maxDials', 'dials in progress')
    if (!this.#client.hasRoomForStream) throw this.#client.atLimit('maxStreams', 'streams')
    if (this.#running.has(dialId)) throw new ProxyError('BAD_REQUEST', `dial ${dialId} is already in progress`)
  }
}
