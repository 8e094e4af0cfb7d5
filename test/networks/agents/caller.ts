/** Swarms that live for one connection: how long a fresh one needs to its first peer. */
import type { AnySwarm } from '../../../bench/lib/modules.ts'
import { serve } from '../../../bench/lib/worker.ts'
import { nowMs } from '../lab/now.ts'
import { makeSwarm, onConnection, type SwarmParams } from './swarms.ts'

export interface CallParams extends SwarmParams {
  /** Hex. */
  readonly topic: string
  /** Whether the swarm that calls is announced as well. Default: false. */
  readonly isServer?: boolean
}

let announced: AnySwarm | null = null

serve({ announce, call })

/** Makes a swarm and announces it on a topic. The one before is destroyed. */
async function announce({ topic, ...params }: CallParams): Promise<void> {
  await announced?.destroy({ force: true })
  announced = makeSwarm(params)
  onConnection(announced, () => {})
  await announced.join(Buffer.from(topic, 'hex'), { client: false, server: true }).flushed()
}

/** Milliseconds from making a swarm until it has a connection. */
async function call({ isServer = false, topic, ...params }: CallParams): Promise<number> {
  const beganMs = nowMs()
  const swarm = makeSwarm(params)
  const connected = new Promise<number>((resolve) => onConnection(swarm, () => resolve(nowMs())))
  swarm.join(Buffer.from(topic, 'hex'), { client: true, server: isServer })
  const connectedMs = await connected
  await swarm.destroy({ force: true })
  return connectedMs - beganMs
}
