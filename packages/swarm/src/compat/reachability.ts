import type { Address, DhtNode } from '../network/dht-node.js'

export type { Address } from '../network/dht-node.js'

/** The result of hyperswarm 2's `connectivity`. */
export interface Connectivity {
  /** There is a socket. */
  bound: boolean
  /** The DHT answers. */
  bootstrapped: boolean
  /** Peers can reach us, directly or by hole punching. */
  holepunched: boolean
}

/** What HyperDHT knows about its place in the network; other nodes may not know it. */
type NativeNode = DhtNode & {
  readonly bootstrapped?: boolean
  address?(): Address | null
  remoteAddress?(): Address | null
  fullyBootstrapped?(): Promise<void>
}

/** Where a node is, as far as the node knows. */
export function addressesOf(node: NativeNode): { local: Address | null; remote: Address | null } {
  return { local: node.address?.() ?? null, remote: node.remoteAddress?.() ?? null }
}

/** Waits until the node has found out what it can. */
export async function whenKnown(node: NativeNode): Promise<Connectivity> {
  await node.fullyBootstrapped?.()
  return connectivityOf(node)
}

/** Hole punching cannot get through a NAT that uses a different port for each remote. */
export function connectivityOf(node: NativeNode): Connectivity {
  const bootstrapped = node.bootstrapped ?? node.online
  return { bound: !node.destroyed, bootstrapped, holepunched: bootstrapped && node.randomized !== true }
}
