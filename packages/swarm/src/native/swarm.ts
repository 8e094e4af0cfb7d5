import type { Connection } from '../connection.js'
import { type SwarmOptions, verifyNodeOptions } from '../options.js'
import { SwarmCore } from '../swarm.js'
import { createNode } from './hyperdht-node.js'
import { hyperdhtCodec } from './payload-codec.js'

/** A topic-based swarm over HyperDHT. Everything that hyperswarm 4.17's does, this one does as well. */
export class Swarm<C extends Connection = Connection> extends SwarmCore<C> {
  /** Throws a `TypeError` that names the first bad option. */
  constructor(options: SwarmOptions = {}) {
    verifyNodeOptions(options)
    super(options, (keyPair) => ({
      node: options.dht ?? createNode(options, keyPair),
      ownsNode: options.dht === undefined,
      codec: hyperdhtCodec
    }))
  }
}
