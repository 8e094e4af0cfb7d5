/** Swarms on one topic, in one process. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type CrowdMember, memberOf } from '../../../bench/lib/graph.ts'
import { type Address, type AnySwarm, type Dht, HyperDHT } from '../../../bench/lib/modules.ts'
import { serve } from '../../../bench/lib/worker.ts'
import { nowMs } from '../lab/now.ts'
import { makeSwarm, type NetworkSystem, onConnection } from './swarms.ts'

const LOOPBACK = '127.0.0.1'
/** Nodes of the DHT that a process without another one makes for itself. */
const OWN_NODES = 10

export interface CrowdParams {
  readonly system: NetworkSystem
  /** Null for a DHT of its own, on loopback. */
  readonly bootstrap: readonly Address[] | null
  readonly count: number
  /** Time between one and the next. */
  readonly gapMs: number
  /** Hex. */
  readonly topic: string
  readonly lan?: boolean | undefined
}

const swarms: AnySwarm[] = []
/** When each swarm had its first connection. */
const firstConnections: Promise<number>[] = []

serve({ connected, cpuSeconds, look, start })

/** Resolves to when the last one joined. */
async function start({ count, gapMs, topic, ...params }: CrowdParams): Promise<number> {
  const bootstrap = params.bootstrap ?? (await startDht())
  const host = params.bootstrap === null ? LOOPBACK : undefined
  for (let index = 0; index < count; index++) {
    if (index > 0) await sleep(gapMs)
    const swarm = makeSwarm({ ...params, bootstrap, host })
    firstConnections.push(new Promise((resolve) => onConnection(swarm, () => resolve(nowMs()))))
    swarms.push(swarm)
    swarm.join(Buffer.from(topic, 'hex'))
  }
  return nowMs()
}

function look(): CrowdMember[] {
  return swarms.map(memberOf)
}

/** Resolves, once each swarm has had a connection, to when the last one had its first. */
async function connected(): Promise<number> {
  return Math.max(...(await Promise.all(firstConnections)))
}

/** Used so far. */
function cpuSeconds(): number {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1e6
}

async function startDht(): Promise<Address[]> {
  const nodes: Dht[] = []
  while (nodes.length < OWN_NODES) {
    const bootstrap = nodes.slice(0, 1).map((node) => ({ host: LOOPBACK, port: node.address().port }))
    const node = new HyperDHT({ host: LOOPBACK, bootstrap, ephemeral: false, firewalled: false })
    await node.fullyBootstrapped()
    nodes.push(node)
  }
  return nodes.slice(0, 1).map((node) => ({ host: LOOPBACK, port: node.address().port }))
}
