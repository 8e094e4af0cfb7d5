import type { ClosestNode, Query, QueryOptions } from '../network/dht-node.js'
import { RELOOKUP_NODES } from './cadence.js'
import type { DiscoveryContext } from './discovery-context.js'
import { isRelookup, type QueryKind } from './scheduler.js'

/** The queries of one topic, and what the DHT holds about us: where we are announced, and what to withdraw. */
export class TopicQueries {
  readonly #context: DiscoveryContext
  readonly #topic: Uint8Array
  #closestNodes: ClosestNode[] | null = null
  #isFirstAnnounce = true
  #needsUnannounce = false

  constructor(context: DiscoveryContext, topic: Uint8Array) {
    this.#context = context
    this.#topic = topic
  }

  /** Whether an announcement may be stored in the DHT. */
  get isAnnounced(): boolean {
    return this.#needsUnannounce
  }

  /** Whether the nodes nearest to the topic are known. */
  get hasNodes(): boolean {
    return this.#closestNodes !== null && this.#closestNodes.length > 0
  }

  /** Begins a query. Once `isOver` returns true, it stores nothing any more. */
  open(kind: QueryKind, isServer: boolean, isOver: () => boolean): Query {
    const { dht, keyPair } = this.#context.swarm
    const nodes = this.#closestNodes
    if (isRelookup(kind)) {
      const closestNodes = kind === 'sweep' ? nodes : (nodes?.slice(0, RELOOKUP_NODES) ?? null)
      return dht.lookup(this.#topic, { closestNodes, onlyClosestNodes: true })
    }
    const options = { closestNodes: nodes, clear: isServer && this.#isFirstAnnounce }
    if (isServer) return this.#announce({ ...options, ...this.#early(isOver) })
    return this.#needsUnannounce
      ? dht.lookupAndUnannounce(this.#topic, keyPair, options)
      : dht.lookup(this.#topic, options)
  }

  #announce(options: QueryOptions): Query {
    const { dht, keyPair, server } = this.#context.swarm
    this.#isFirstAnnounce = false
    this.#needsUnannounce = true
    return dht.announce(this.#topic, keyPair, server.relayAddresses, options)
  }

  #early(isOver: () => boolean): object | undefined {
    const { announceEarly, swarm } = this.#context
    return announceEarly?.({ server: swarm.server, listening: swarm.listen(), isOver })
  }

  /** A query has ended without being cut short. */
  onDone(query: Query, kind: QueryKind, isServer: boolean): void {
    if (isRelookup(kind)) return
    this.#closestNodes = addressesOf(query.closestNodes)
    if (!isServer) this.#needsUnannounce = false
  }

  /** An announce that is cut short may have been stored already: these nodes get a withdrawal too. */
  onCut(query: Query, isServer: boolean): void {
    if (isServer && query.closestNodes.length > 0) this.#closestNodes = addressesOf(query.closestNodes)
  }

  /** Withdraws the announcement, unless `isForced`. */
  async withdraw(isForced: boolean): Promise<void> {
    const nodes = this.#closestNodes
    if (isForced || !this.#needsUnannounce || nodes === null || nodes.length === 0) return
    this.#needsUnannounce = false
    const { dht, keyPair } = this.#context.swarm
    const options = { closestNodes: nodes, onlyClosestNodes: true, force: true }
    const unannounce = () => dht.unannounce(this.#topic, keyPair, options)
    await this.#context.withdrawals.wait(this.#context.scheduler.schedule('leave', unannounce))
  }
}

/** Nodes work the ids out again. Kept for each topic, they would take most of its memory. */
function addressesOf(nodes: readonly ClosestNode[]): ClosestNode[] {
  return nodes.map(({ host, port }) => ({ id: null, host, port }))
}
