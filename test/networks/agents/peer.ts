/** A swarm on a host, which sends the time on each of its connections. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AnySwarm } from '../../../bench/lib/modules.ts'
import { serve } from '../../../bench/lib/worker.ts'
import { nowMs } from '../lab/now.ts'
import { makeSwarm, onConnection, type SwarmParams } from './swarms.ts'
import { Ticks } from './ticks.ts'

export interface JoinParams extends SwarmParams {
  /** Hex, 32 bytes. */
  readonly topic: string
  /** Whether it only dials. Default: false. */
  readonly isClientOnly?: boolean
  /** How long to wait until the topic is announced; null for not at all. */
  readonly flushMs: number | null
}

export interface HeardParams {
  readonly sinceMs: number
  readonly limitMs: number
}

const ticks = new Ticks()
let swarm: AnySwarm | null = null

serve({ heard, join })

/** Resolves to when `join` was called. */
async function join({ flushMs, isClientOnly = false, topic, ...params }: JoinParams): Promise<number> {
  swarm = makeSwarm(params)
  onConnection(swarm, (connection) => ticks.add(connection))
  const joinedMs = nowMs()
  const session = swarm.join(Buffer.from(topic, 'hex'), { client: true, server: !isClientOnly })
  const flushed = session.flushed().catch(() => false)
  if (flushMs !== null) await Promise.race([flushed, sleep(flushMs)])
  return joinedMs
}

function heard({ limitMs, sinceMs }: HeardParams): Promise<number | null> {
  return ticks.heard(sinceMs, limitMs)
}
