import type { Address, DhtNode } from '../network/dht-node.js'

export type { Address } from '../network/dht-node.js'

/** What hyperswarm 2's `connectivity` tells. */
export interface Connectivity {
  /** There is a socket. */
  bound: boolean
  /** The DHT answers. */
  bootstrapped: boolean
  /** Peers can reach us, by hole punching or directly. */
  holepunched: boolean
}

/** What HyperDHT tells about its place in the network; other nodes may not. */
type NativeNode = DhtNode & {
  readonly bootstrapped?: boolean
  address?(): Address | null
  remoteAddress?(): Address | null
  fullyBootstrapped?(): Promise<void>
}

/** Where a node is, as far as it knows. */
export function addressesOf(node: NativeNode): { local: Address | null; remote: Address | null } {
  return { local: node.address?.() ?? null, remote: node.remoteAddress?.() ?? null }
}

/** Waits until the node has found out what it can. */
export async function whenKnown(node: NativeNode): Promise<Connectivity> {
  await node.fullyBootstrapped?.()
  return connectivityOf(node)
}

/** A NAT that gives every remote another port is what hole punching cannot get through. */
export function connectivityOf(node: NativeNode): Connectivity {
  const bootstrapped = node.bootstrapped ?? node.online
  return { bound: !node.destroyed, bootstrapped, holepunched: bootstrapped && node.randomized !== true }
}
