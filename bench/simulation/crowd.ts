/** Very many swarms on one topic, each as in a process of its own, on a network in memory. */
import { randomBytes } from 'node:crypto'
import type { FakeClock } from '../../packages/runtime/test/support/fake-clock.ts'
import { type CoreOptions, type DiscoveredPeer, SwarmCore } from '../../packages/swarm/src/core.ts'
import { fakeCodec } from '../../packages/swarm/test/support/fake-handshake.ts'
import { FakeNetwork, type QueryFate } from '../../packages/swarm/test/support/fake-network.ts'
import type { FakeNode } from '../../packages/swarm/test/support/fake-node.ts'
import type { FakeQuery } from '../../packages/swarm/test/support/fake-query.ts'
import { SimulatedClock } from './clock.ts'

/** Nodes that store the announcements of a topic, and peers of which each names some: as in HyperDHT. */
const NODES_A_LOOKUP = 20
const PEERS_A_NODE = 20
const STEP_MS = 1000
/** All of them share the memory of one process. */
const MAX_FOUND_PEERS = 100

export interface CrowdPlan {
  readonly count: number
  /** Milliseconds over which they join. */
  readonly spreadMs: number
  /** One way. */
  readonly latencyMs: number
  /** Peers that each dials; it accepts any number. */
  readonly maxClientConnections: number
}

/** A moment of the crowd. */
export interface Moment {
  readonly seconds: number
  readonly joined: number
  readonly components: number
  readonly minDegree: number
  readonly meanDegree: number
  readonly maxDegree: number
  /** So far, of all. */
  readonly dials: number
  readonly opened: number
  readonly full: number
  readonly queries: number
}

/** A lookup sees some of the peers, at random, as each node remembers and names only so many. */
class SampledNetwork extends FakeNetwork {
  readonly #known: DiscoveredPeer[] = []
  #asked = NODES_A_LOOKUP
  /** The network looks at a query just before it asks for the peers. */
  override readonly queryFate = ({ options }: FakeQuery): QueryFate => {
    this.#asked = options.onlyClosestNodes ? (options.closestNodes?.length ?? 0) : NODES_A_LOOKUP
    return 'pass'
  }

  override store(topic: Uint8Array, peer: DiscoveredPeer): void {
    const before = super.announced(topic).length
    super.store(topic, peer)
    if (super.announced(topic).length > before) this.#known.push(peer)
  }

  override announced(): DiscoveredPeer[] {
    const count = Math.min(this.#known.length, this.#asked * PEERS_A_NODE)
    const chosen = new Set<DiscoveredPeer>()
    if (count === this.#known.length) return [...this.#known]
    // Some twice: nodes do not agree on what they name.
    for (let i = 0; i < count; i++) {
      const peer = this.#known[Math.floor(Math.random() * this.#known.length)]
      if (peer !== undefined) chosen.add(peer)
    }
    return [...chosen]
  }
}

class SimulatedSwarm extends SwarmCore {
  readonly node: FakeNode

  constructor(network: FakeNetwork, options: CoreOptions) {
    const node = network.createNode()
    super(options, () => ({ node, ownsNode: true, codec: fakeCodec }))
    this.node = node
  }

  /** What the fake node keeps for tests. */
  forget(): void {
    this.node.dials.length = 0
    this.node.queries.length = 0
  }
}

/** Simulates the crowd until a time, and reports it at each of `atSeconds`. */
export async function simulateCrowd(
  plan: CrowdPlan,
  atSeconds: readonly number[],
  log: (moment: Moment) => void
): Promise<Moment[]> {
  const clock = new SimulatedClock()
  const network = new SampledNetwork(clock as unknown as FakeClock)
  network.latencyMs = plan.latencyMs
  const topic = randomBytes(32)
  const swarms: SimulatedSwarm[] = []
  const moments: Moment[] = []
  for (let seconds = 1; seconds <= Math.max(...atSeconds); seconds++) {
    const due = Math.min(plan.count, Math.ceil((seconds * STEP_MS * plan.count) / plan.spreadMs))
    while (swarms.length < due) swarms.push(join(network, clock, topic, plan))
    await clock.advance(STEP_MS)
    for (const swarm of swarms) swarm.forget()
    if (!atSeconds.includes(seconds)) continue
    const moment = momentOf(seconds, swarms)
    moments.push(moment)
    log(moment)
  }
  return moments
}

function join(
  network: FakeNetwork,
  clock: SimulatedClock,
  topic: Uint8Array,
  { maxClientConnections }: CrowdPlan
): SimulatedSwarm {
  const swarm = new SimulatedSwarm(network, {
    clock: clock.forProcess(),
    maxClientConnections,
    maxFoundPeers: MAX_FOUND_PEERS
  })
  swarm.join(topic)
  return swarm
}

function momentOf(seconds: number, swarms: readonly SimulatedSwarm[]): Moment {
  const degrees = swarms.map(({ connections }) => connections.size)
  const sum = (of: (swarm: SimulatedSwarm) => number) => swarms.reduce((total, swarm) => total + of(swarm), 0)
  return {
    seconds,
    joined: swarms.length,
    components: countComponents(swarms),
    minDegree: degrees.reduce((least, degree) => Math.min(least, degree), Number.POSITIVE_INFINITY),
    meanDegree: sum(({ connections }) => connections.size) / swarms.length,
    maxDegree: degrees.reduce((most, degree) => Math.max(most, degree), 0),
    dials: sum(({ stats }) => stats.connects.client.attempted),
    opened: sum(({ stats }) => stats.connects.client.opened),
    full: sum(({ stats }) => stats.dials['REMOTE_FULL'] ?? 0),
    queries: sum(({ stats }) => stats.queries.total)
  }
}

function countComponents(swarms: readonly SimulatedSwarm[]): number {
  const byKey = new Map(swarms.map((swarm) => [hex(swarm.keyPair.publicKey), swarm]))
  const seen = new Set<SimulatedSwarm>()
  let count = 0
  for (const start of swarms) {
    if (seen.has(start)) continue
    count++
    seen.add(start)
    const queue = [start]
    for (let swarm = queue.pop(); swarm !== undefined; swarm = queue.pop()) {
      for (const { remotePublicKey } of swarm.connections) {
        const peer = byKey.get(hex(remotePublicKey))
        if (peer === undefined || seen.has(peer)) continue
        seen.add(peer)
        queue.push(peer)
      }
    }
  }
  return count
}

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex')
}
