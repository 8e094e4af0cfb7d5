/** Measures what connections and topics cost in memory. Needs --expose-gc. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address, AnySwarm } from '../lib/modules.ts'
import { createSwarm, randomTopic, type System } from '../lib/swarms.ts'
import { serve } from '../lib/worker.ts'

const POLL_MS = 50
const COLLECTIONS = 4

/** Bytes in use. */
export interface Usage {
  heap: number
  /** Buffers and the like, outside the heap. */
  external: number
  rss: number
}

let swarm: AnySwarm | null = null

serve({ start, usage, waitForConnections, joinTopics })

/** Makes the swarm and waits on a topic, in hex, if there is one. */
async function start(params: { system: System; bootstrap: Address[]; topic: string | null }): Promise<void> {
  const made = await createSwarm(params.system, params.bootstrap, { firewalled: false }, { maxPeers: 4096 })
  swarm = made.swarm
  if (params.topic === null) return
  await swarm.join(Buffer.from(params.topic, 'hex'), { client: false, server: true }).flushed()
}

async function waitForConnections({ count }: { count: number }): Promise<void> {
  while (running().connections.size < count) await sleep(POLL_MS)
}

async function joinTopics({ count }: { count: number }): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => running().join(randomTopic()).flushed()))
}

/** What is in use after a quiet time, collected. */
async function usage({ quietMs }: { quietMs: number }): Promise<Usage> {
  await sleep(quietMs)
  for (let collection = 0; collection < COLLECTIONS; collection++) {
    globalThis.gc?.()
    await sleep(POLL_MS)
  }
  const { external, heapUsed, rss } = process.memoryUsage()
  return { heap: heapUsed, external, rss }
}

function running(): AnySwarm {
  if (swarm === null) throw new Error('start comes first')
  return swarm
}
