import type { Clock } from '@swarmway/runtime'
import { NodeHealth, type NodeHealthListener } from '../swarm/node-health.js'
import { announceNow, hyperdhtProbe, type ServerHandle } from './hyperdht-probe.js'

/** What {@link watchNode} needs. */
export interface NodeWatchOptions {
  readonly clock: Clock
  readonly random: () => number
}

/**
 * Watches whether the network of a HyperDHT node answers, from `start` to `stop`. Asks for itself only once something
 * fails. Null for another kind of node.
 */
export function watchNode(node: object, options: NodeWatchOptions, listener: NodeHealthListener): NodeHealth | null {
  const probe = hyperdhtProbe(node, options.clock)
  return probe === undefined ? null : new NodeHealth(probe.node, probe, options, listener)
}

export { announceNow, type NodeHealth, type NodeHealthListener, type ServerHandle }
