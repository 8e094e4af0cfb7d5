/** Many peers that join one topic in the same tick, all in this process. */
import { setTimeout as sleep } from 'node:timers/promises'
import { bootstrapOf, createDht, createSwarm, randomTopic, type System } from '../lib/swarms.ts'
import { serve } from '../lib/worker.ts'

/** What to run. */
export interface MeshParams {
  system: System
  peers: number
  dhtNodes: number
  /** How long to watch. */
  windowMs: number
}

/** What was seen. */
export interface MeshResult {
  /** Milliseconds until every peer had a connection event for every other one, null if that did not happen. */
  fullMs: number | null
  /** Ordered pairs (who, with whom) with at least one connection event. */
  pairs: number
  events: number
  /** Ordered pairs that are connected at the end. */
  connectedAtEnd: number
}

serve({ run })

async function run({ dhtNodes, peers, system, windowMs }: MeshParams): Promise<MeshResult> {
  const nodes = await createDht(Array.from({ length: dhtNodes }, () => ({})))
  const bootstrap = bootstrapOf(nodes)
  const made = await Promise.all(Array.from({ length: peers }, () => createSwarm(system, bootstrap)))
  const swarms = made.map(({ swarm }) => swarm)
  const wanted = peers * (peers - 1)
  const pairs = new Set<string>()
  let events = 0
  let fullMs: number | null = null
  const topic = randomTopic()
  const began = performance.now()
  swarms.forEach((swarm, index) => {
    swarm.on('connection', ({ remotePublicKey }) => {
      events++
      pairs.add(`${index} ${Buffer.from(remotePublicKey).toString('hex')}`)
      if (pairs.size === wanted) fullMs ??= performance.now() - began
    })
  })
  for (const swarm of swarms) swarm.join(topic)
  await sleep(windowMs)
  const connectedAtEnd = swarms.reduce((sum, { connections }) => sum + connections.size, 0)
  return { fullMs, pairs: pairs.size, events, connectedAtEnd }
}
