import { type CLIENT_REQUESTS, type DecodedBody, withoutStack } from '@swarmway/proxy-protocol'
import { LazyMap, reasonOf, trace } from '@swarmway/runtime'
import { createAbort } from '../client/abort.js'
import type { Client } from '../client/client.js'
import type { ServerServices } from '../context/services.js'
import { HolePunches } from '../dht/hole-punches.js'
import { dialPeer } from './dial-peer.js'
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
      await dialPeer(this.#context, { ...own, dialId, publicKey, addresses, signal: controller.signal })
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

  #assertRoom(dialId: number): void {
    const { maxDials } = this.#client.limits
    if (this.#running.size >= maxDials) throw this.#client.atLimit('maxDials', 'dials in progress')
    if (!this.#client.hasRoomForStream) throw this.#client.atLimit('maxStreams', 'streams')
    if (this.#running.has(dialId)) throw withoutStack('BAD_REQUEST', `dial ${dialId} is already in progress`)
  }
}
