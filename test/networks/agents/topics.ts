/** A swarm on many topics: how long it needs to end. */
import { randomBytes } from 'node:crypto'
import type { AnySwarm } from '../../../bench/lib/modules.ts'
import { serve } from '../../../bench/lib/worker.ts'
import { nowMs } from '../lab/now.ts'
import { makeSwarm, type SwarmParams } from './swarms.ts'

export interface TopicsParams extends SwarmParams {
  readonly count: number
}

let swarm: AnySwarm | null = null

serve({ end, join })

/** Resolves when all topics are announced. */
async function join({ count, ...params }: TopicsParams): Promise<void> {
  const made = makeSwarm(params)
  swarm = made
  await Promise.all(Array.from({ length: count }, () => made.join(randomBytes(32)).flushed()))
}

/** Resolves to the seconds that it took. */
async function end(how: 'suspend' | 'destroy'): Promise<number> {
  const beganMs = nowMs()
  await swarm?.[how]()
  return (nowMs() - beganMs) / 1000
}
