/** One peer that looks a topic up and dials whom it finds. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address } from '../lib/modules.ts'
import { createSwarm, type System } from '../lib/swarms.ts'
import { serve } from '../lib/worker.ts'

const POLL_MS = 20

/** What to run. */
export interface DiallerParams {
  system: System
  /** In hex. */
  topic: string
  bootstrap: Address[]
  /** Where to bind; `{}` for any port of 127.0.0.1. */
  place: Partial<Address>
  peers: number
  windowMs: number
}

serve({ run })

/** Resolves to when each peer was connected for the first time, in milliseconds from the join. */
async function run({ bootstrap, peers, place, system, topic, windowMs }: DiallerParams): Promise<number[]> {
  const { swarm } = await createSwarm(system, bootstrap, place)
  const times = new Map<string, number>()
  const began = performance.now()
  swarm.on('connection', ({ remotePublicKey }) => {
    const key = Buffer.from(remotePublicKey).toString('hex')
    if (!times.has(key)) times.set(key, performance.now() - began)
  })
  swarm.join(Buffer.from(topic, 'hex'), { client: true, server: false })
  while (times.size < peers && performance.now() - began < windowMs) await sleep(POLL_MS)
  return [...times.values()]
}
