/** Announces many topics from one node, by a swarm or by the node alone. */
import type { Address } from '../lib/modules.ts'
import { createNode, createSwarm, randomTopic, type System } from '../lib/swarms.ts'
import { serve } from '../lib/worker.ts'

/** Announces in flight when the DHT is used alone. */
export const BARE_IN_FLIGHT = 6

/** What to run. */
export interface AnnounceParams {
  system: System | 'dht alone'
  bootstrap: Address[]
  topics: number
}

serve({ run })

/** Resolves to the milliseconds from the first join to the last flush. */
function run({ bootstrap, system, topics }: AnnounceParams): Promise<number> {
  const all = Array.from({ length: topics }, randomTopic)
  return system === 'dht alone' ? withDht(bootstrap, all) : withSwarm(system, bootstrap, all)
}

async function withSwarm(system: System, bootstrap: Address[], topics: Uint8Array[]): Promise<number> {
  const { swarm } = await createSwarm(system, bootstrap)
  const began = performance.now()
  await Promise.all(topics.map((topic) => swarm.join(topic, { client: false, server: true }).flushed()))
  return performance.now() - began
}

async function withDht(bootstrap: Address[], topics: Uint8Array[]): Promise<number> {
  const dht = await createNode(bootstrap)
  const server = dht.createServer()
  const began = performance.now()
  await server.listen()
  const left = [...topics]
  const announceLeft = async () => {
    for (let topic = left.pop(); topic !== undefined; topic = left.pop()) {
      await dht.announce(topic, dht.defaultKeyPair, server.relayAddresses).finished()
    }
  }
  await Promise.all(Array.from({ length: BARE_IN_FLIGHT }, announceLeft))
  return performance.now() - began
}
