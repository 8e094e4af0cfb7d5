import { randomBytes } from 'node:crypto'
import { Swarm } from '@swarmway/swarm'
import { type Address, type AnySwarm, type AnySwarmOptions, type Dht, HyperDHT, Hyperswarm } from './modules.ts'

/** The two that are compared. */
export const SYSTEMS = ['swarmway', 'hyperswarm'] as const
export type System = (typeof SYSTEMS)[number]

/** Where a node is, and how others reach it. */
export interface NodePlace extends Partial<Address> {
  /** False for a node that others reach directly, so that every dial takes the same way. Default: it finds out. */
  readonly firewalled?: boolean
}

/** A swarm and the node under it. Both systems get nodes made alike. */
export interface SwarmOnNode {
  readonly swarm: AnySwarm
  readonly dht: Dht
}

/** Makes a swarm of either system on a node of its own, which is ready when this resolves. */
export async function createSwarm(
  system: System,
  bootstrap: Address[],
  at: NodePlace = {},
  options: Omit<AnySwarmOptions, 'dht'> = {}
): Promise<SwarmOnNode> {
  const dht = await createNode(bootstrap, at)
  return { dht, swarm: swarmOn(system, { ...options, dht }) }
}

/** Makes a swarm of either system on a given node. */
export function swarmOn(system: System, options: AnySwarmOptions): AnySwarm {
  const swarm =
    system === 'hyperswarm' ? new Hyperswarm(options) : (new Swarm(options as object) as unknown as AnySwarm)
  swarm.on('connection', (connection) => connection.on('error', () => {}))
  return swarm
}

/** A node bound to 127.0.0.1, or to `at`. */
export async function createNode(bootstrap: Address[], at: NodePlace = {}): Promise<Dht> {
  const dht = new HyperDHT({ host: '127.0.0.1', bootstrap, ...at })
  await dht.fullyBootstrapped()
  return dht
}

/** The nodes of a private DHT, each at one of `places`; the first is where it is entered. */
export async function createDht(places: Partial<Address>[], bootstrap: Address[] = []): Promise<Dht[]> {
  const nodes: Dht[] = []
  for (const place of places) {
    const enterAt = nodes.length === 0 ? [] : bootstrapOf(nodes, bootstrap)
    const node = new HyperDHT({ host: '127.0.0.1', ephemeral: false, firewalled: false, bootstrap: enterAt, ...place })
    await node.fullyBootstrapped()
    nodes.push(node)
  }
  return nodes
}

/** Where a DHT of these nodes is entered: at `given`, or at the first node. */
export function bootstrapOf(nodes: Dht[], given: Address[] = []): Address[] {
  if (given.length > 0) return given
  const port = nodes[0]?.address().port ?? 0
  return [{ host: '127.0.0.1', port }]
}

export function randomTopic(): Uint8Array {
  return randomBytes(32)
}
