import type { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import type { ClosestNode, DiscoveredPeer } from '../../src/network/dht-node.js'
import { type PublicKeyHex, publicKeyHex } from '../../src/util/keys.js'
import { type TopicHex, topicHex } from '../../src/util/topic.js'
import type { FakeConnection } from './fake-connection.js'
import { FakeNode, type FakeNodeOptions } from './fake-node.js'
import type { FakeQuery } from './fake-query.js'
import type { FakeServer } from './fake-server.js'

const NODES_PER_TOPIC = 20

/** The fate of a dial: it succeeds, hangs, or fails with a code. */
export type DialFate = 'pass' | 'hang' | { code: string }
/** The fate of a query. */
export type QueryFate = 'pass' | 'hang' | 'fail'

/** What fake nodes share: which ones listen, which have announced, and the links between them. */
export class FakeNetwork {
  readonly clock: FakeClock
  /** Milliseconds of the clock for each step from node to node; 0 is a microtask. */
  latencyMs = 0
  dialFate: (from: PublicKeyHex, to: PublicKeyHex) => DialFate = () => 'pass'
  /** Whether connections open without the first bytes of either side. */
  isMute = false
  /** The same, for those that this key dials. */
  isMuteFrom: (from: Uint8Array) => boolean = () => false
  /** Whether no node answers, so that nothing can be withdrawn and queries find nobody. */
  isDark = false
  queryFate: (query: FakeQuery) => QueryFate = () => 'pass'
  readonly servers = new Map<PublicKeyHex, FakeServer>()
  readonly nodes: FakeNode[] = []
  /** The dialled ends of connections whose two ends both exist. */
  readonly links = new Set<FakeConnection>()
  readonly #announced = new Map<TopicHex, Map<PublicKeyHex, DiscoveredPeer>>()

  constructor(clock: FakeClock) {
    this.clock = clock
  }

  createNode(options: FakeNodeOptions = {}): FakeNode {
    const node = new FakeNode(this, options)
    this.nodes.push(node)
    return node
  }

  /** Runs a function when the network would have carried it over. */
  readonly post = (run: () => void): void => {
    if (this.latencyMs === 0) queueMicrotask(run)
    else this.clock.schedule(run, this.latencyMs)
  }

  /** Never resolves if no node answers now. */
  whenLit(): Promise<void> {
    return this.isDark ? new Promise(() => {}) : Promise.resolve()
  }

  announced(topic: Uint8Array): DiscoveredPeer[] {
    return [...(this.#announced.get(topicHex(topic))?.values() ?? [])]
  }

  store(topic: Uint8Array, peer: DiscoveredPeer): void {
    const key = topicHex(topic)
    const peers = this.#announced.get(key) ?? new Map<PublicKeyHex, DiscoveredPeer>()
    this.#announced.set(key, peers.set(publicKeyHex(peer.publicKey), peer))
  }

  remove(topic: Uint8Array, publicKey: Uint8Array): void {
    this.#announced.get(topicHex(topic))?.delete(publicKeyHex(publicKey))
  }

  /** The nodes nearest to a topic. */
  nodesNear(topic: Uint8Array): ClosestNode[] {
    return Array.from({ length: NODES_PER_TOPIC }, (_, i) => ({
      id: Uint8Array.of(topic[0] ?? 0, i),
      host: '127.0.0.1',
      port: 10_000 + i
    }))
  }
}
