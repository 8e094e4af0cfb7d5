/** A private DHT, and peers on it that wait on a topic to be dialled. */
import type { Address } from '../lib/modules.ts'
import { bootstrapOf, createDht, createSwarm, type System } from '../lib/swarms.ts'
import { serve } from '../lib/worker.ts'

/** Peers that are started together. */
const AT_ONCE = 6

/** What to start. */
export interface CrowdParams {
  system: System
  /** In hex. */
  topic: string
  /** Where the DHT's nodes bind, and where the peers bind; `{}` for any port of 127.0.0.1. */
  nodes: Partial<Address>[]
  peers: Partial<Address>[]
  /** Where the DHT is entered; empty for its first node. */
  bootstrap: Address[]
}

serve({ start })

/** Resolves to where the DHT is entered, once every peer has announced itself. */
async function start({ bootstrap, nodes, peers, system, topic }: CrowdParams): Promise<Address[]> {
  const entry = bootstrapOf(await createDht(nodes, bootstrap), bootstrap)
  for (let first = 0; first < peers.length; first += AT_ONCE) {
    const places = peers.slice(first, first + AT_ONCE)
    await Promise.all(places.map((place) => addPeer(system, entry, place, topic)))
  }
  return entry
}

async function addPeer(system: System, bootstrap: Address[], place: Partial<Address>, topic: string): Promise<void> {
  const { swarm } = await createSwarm(system, bootstrap, place)
  await swarm.join(Buffer.from(topic, 'hex'), { client: false, server: true }).flushed()
}
