import HyperDHT from 'hyperdht'
import type { DhtNode } from '../network/dht-node.js'
import type { SwarmOptions } from '../swarm/options.js'
import type { KeyPair } from '../util/keys.js'

/** Makes the HyperDHT node of a swarm that was not given one. */
export function createNode(options: SwarmOptions, keyPair: KeyPair): DhtNode {
  const { bootstrap, nodes, port, host, ephemeral, deferRandomPunch, randomPunchInterval } = options
  const given = { bootstrap, nodes, port, host, ephemeral, deferRandomPunch, randomPunchInterval }
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  return new HyperDHT({ keyPair, ...Object.fromEntries(set) }) as unknown as DhtNode
}
