import { systemClock, systemWallClock } from '@swarmway/runtime'
import { invalidArgument } from '../errors.js'
import { LanDiscovery } from '../lan/lan-discovery.js'
import type { LanOptions } from '../lan/options.js'
import { UdpBus } from '../lan/udp-bus.js'
import type { Address, DhtNode, NodeServer } from '../network/dht-node.js'
import type { SwarmOptions } from '../swarm/options.js'
import type { SwarmNetwork } from '../swarm/swarm-types.js'
import type { KeyPair } from '../util/keys.js'

/** The part of a HyperDHT node that says how to reach it directly. */
interface LanNode extends DhtNode {
  /** Null while its sockets are not bound. Whatever its host, the port is the one that takes requests. */
  localAddress(): Address | null
  toArray(options: { limit: number }): Address[]
}

/** A HyperDHT server. */
interface LanServer extends NodeServer {
  readonly suspended: boolean
  /** Null while it does not accept. It accepts as soon as the sockets are bound, long before it is announced. */
  address(): object | null
}

/** What the option `lan` adds to the network of a swarm. Throws a `TypeError` if `dht` is not a HyperDHT. */
export function lanNetwork(options: SwarmOptions, node: DhtNode, { publicKey }: KeyPair): Partial<SwarmNetwork> {
  if (options.lan === undefined || options.lan === false) return {}
  if (!isLanNode(node)) throw invalidArgument('lan', 'left out with a dht that is not a HyperDHT instance', options.lan)
  const bus = new UdpBus(settleLan(options))
  const { clock = systemClock, random = Math.random, wallClock = systemWallClock } = options
  return {
    // A node that has never had an answer knows nobody.
    isReachable: () => node.online && node.toArray({ limit: 1 }).length > 0,
    createFinders: (server) => [
      new LanDiscovery({ bus, publicKey, clock, wallClock, random, port: () => portOf(node, server) })
    ]
  }
}

/** A node that is bound to one address can only be reached on the interface with that address. */
function settleLan({ lan, host }: SwarmOptions): LanOptions {
  const given = typeof lan === 'object' ? lan : {}
  const isBoundToOne = host !== undefined && host !== '0.0.0.0'
  return { ...given, interface: given.interface ?? (isBoundToOne ? host : undefined) }
}

function portOf(node: LanNode, server: NodeServer): number | null {
  const { suspended, address } = server as LanServer
  const isAccepting = !server.closed && !suspended && address.call(server) !== null
  return isAccepting ? (node.localAddress()?.port ?? null) : null
}

function isLanNode(node: DhtNode): node is LanNode {
  return 'localAddress' in node && 'toArray' in node
}
