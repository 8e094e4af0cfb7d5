/** Many peers that join one topic after each other, all in this process, until it has a shape. */
import { setTimeout as sleep } from 'node:timers/promises'
import { memberOf, type Shape, shapeOf } from '../lib/graph.ts'
import type { AnySwarm } from '../lib/modules.ts'
import { bootstrapOf, createDht, createSwarm, randomTopic, type System } from '../lib/swarms.ts'
import { serve } from '../lib/worker.ts'

const POLL_MS = 250
/** Nodes that are made together. */
const AT_ONCE = 20

/** What to run. */
export interface CrowdMeshParams {
  system: System
  peers: number
  dhtNodes: number
  /** Milliseconds between one join and the next, so that hyperswarm has a chance. */
  gapMs: number
  /** How long to watch, from the last join. */
  windowMs: number
  /** Connections of the peer that has the fewest, which make the crowd safe. */
  safeDegree: number
}

/** What was seen. */
export interface CrowdMeshResult {
  /** Seconds from the last join until there is one component in which all have `safeDegree`; null for never. */
  safeSeconds: number | null
  /** The same until 90 % of the pairs are connected. */
  mostSeconds: number | null
  last: Shape
  cpuSeconds: number
}

serve({ run })

async function run({ dhtNodes, gapMs, peers, system, ...goal }: CrowdMeshParams): Promise<CrowdMeshResult> {
  const bootstrap = bootstrapOf(await createDht(Array.from({ length: dhtNodes }, () => ({}))))
  const swarms: AnySwarm[] = []
  while (swarms.length < peers) {
    const missing = Math.min(AT_ONCE, peers - swarms.length)
    const made = await Promise.all(Array.from({ length: missing }, () => createSwarm(system, bootstrap)))
    swarms.push(...made.map(({ swarm }) => swarm))
  }
  const before = process.cpuUsage()
  const topic = randomTopic()
  for (const swarm of swarms) {
    swarm.join(topic)
    await sleep(gapMs)
  }
  const seen = await watch(swarms, goal)
  const { system: kernel, user } = process.cpuUsage(before)
  return { ...seen, cpuSeconds: (kernel + user) / 1e6 }
}

async function watch(
  swarms: readonly AnySwarm[],
  { safeDegree, windowMs }: Pick<CrowdMeshParams, 'safeDegree' | 'windowMs'>
) {
  const began = performance.now()
  let safeSeconds: number | null = null
  let mostSeconds: number | null = null
  for (;;) {
    const last = shapeOf(swarms.map(memberOf))
    const seconds = (performance.now() - began) / 1000
    if (last.components === 1 && last.minDegree >= safeDegree) safeSeconds ??= seconds
    if (last.connectedPart >= 0.9) mostSeconds ??= seconds
    if (seconds * 1000 > windowMs) return { safeSeconds, mostSeconds, last }
    await sleep(POLL_MS)
  }
}
