import { type SwarmOptions, verifyNodeOptions } from '../swarm/options.js'
import { SwarmCore } from '../swarm/swarm-core.js'
import { guardNode } from './guard/guard-node.js'
import { createNode } from './hyperdht-node.js'
import { lanNetwork } from './lan-network.js'
import { hyperdhtCodec } from './payload-codec.js'
import { paceSender } from './receive-window/pace-sender.js'

/** A topic-based swarm over HyperDHT. It does everything that hyperswarm 4.17 does. */
export class Swarm extends SwarmCore {
  /** Throws a `TypeError` that names the first bad option. */
  constructor(options: SwarmOptions = {}) {
    verifyNodeOptions(options)
    super(options, (keyPair) => {
      const node = options.dht ?? createNode(options, keyPair)
      guardNode(node)
      const ownsNode = options.dht === undefined
      return { node, ownsNode, codec: hyperdhtCodec, onOpened: paceSender, ...lanNetwork(options, node, keyPair) }
    })
  }
}
