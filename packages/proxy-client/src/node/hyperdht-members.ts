import { ProxyError } from '@swarmway/proxy-protocol'
import { TypedEmitter } from '@swarmway/swarm/core'
import { opaqueCodec } from './payload.js'
import type { RemoteNodeEvents } from './remote-node-events.js'

/** The counters of HyperDHT's `stats`. Those of packets stay 0: a remote node sends none. */
export interface RemoteDhtStats {
  queries: { active: number; total: number }
  requests: { active: number; total: number; responses: number; timeouts: number; retries: number }
  commands: Record<'ping' | 'pingNat' | 'findNode' | 'downHint', { tx: number; rx: number }>
  punches: Record<'consistent' | 'random' | 'open' | 'tryLater' | 'tryLaterRelayedHandshakesAtLeastOnce', number>
  relaying: { attempts: number; successes: number; aborts: number }
  socketPool: { socketsAdded: number; socketsRemoved: number }
}

/** Members of HyperDHT that need a routing table or UDP sockets. */
const UNSUPPORTED = [
  ...['addNode', 'bind', 'createRawStream', 'delayedPing', 'findNode', 'ping', 'pool', 'query', 'register', 'request'],
  ...['rttStats', 'session', 'validateLocalAddresses']
] as const

/**
 * What packages made for HyperDHT read from a node besides the calls of {@link DhtNode}: a node without sockets and
 * without a routing table, behind a firewall. Calls that need either throw NOT_SUPPORTED.
 */
export abstract class HyperDhtMembers extends TypedEmitter<RemoteNodeEvents> {
  /** For a `Swarm` on this node. */
  readonly payloadCodec = opaqueCodec
  readonly bootstrapNodes: readonly never[] = []
  /** No place in the DHT: the proxy server has one. */
  readonly id = null
  readonly ephemeral = true
  readonly firewalled = true
  readonly randomized = false
  readonly host = null
  readonly port = 0
  readonly io = { clientSocket: null, serverSocket: null }
  /** The nodes that it knows: none. */
  readonly nodes = { length: 0, toArray: (): never[] => [] }
  /** Streams over UDP: none. Those over the link are counted by the client's `linkStats`. */
  readonly rawStreams: ReadonlySet<never> = new Set<never>()
  readonly udx = { bytesTransmitted: 0, packetsTransmitted: 0, bytesReceived: 0, packetsReceived: 0 }
  readonly stats: RemoteDhtStats = {
    queries: { active: 0, total: 0 },
    requests: { active: 0, total: 0, responses: 0, timeouts: 0, retries: 0 },
    commands: { ping: noPackets(), pingNat: noPackets(), findNode: noPackets(), downHint: noPackets() },
    punches: { consistent: 0, random: 0, open: 0, tryLater: 0, tryLaterRelayedHandshakesAtLeastOnce: 0 },
    relaying: { attempts: 0, successes: 0, aborts: 0 },
    socketPool: { socketsAdded: 0, socketsRemoved: 0 }
  }

  /** Resolves with the first session. Rejects with what ends the link for good. */
  abstract fullyBootstrapped(): Promise<void>

  /** The same as `fullyBootstrapped`. */
  ready(): Promise<void> {
    return this.fullyBootstrapped()
  }

  /** Null: there is no socket. */
  address(): null {
    return null
  }

  localAddress(): null {
    return null
  }

  remoteAddress(): null {
    return null
  }

  /** The known nodes, to be given as `nodes` to a later HyperDHT: none. */
  toArray(): never[] {
    return []
  }
}

for (const name of UNSUPPORTED) {
  // As methods are: programs replace those of a node, and so does a swarm that guards it.
  const method = { value: () => refuse(name), writable: true, configurable: true }
  Object.defineProperty(HyperDhtMembers.prototype, name, method)
}

function refuse(name: string): never {
  throw new ProxyError('NOT_SUPPORTED', `a node behind a proxy has no ${name}(): it has no UDP socket of its own`)
}

function noPackets(): { tx: number; rx: number } {
  return { tx: 0, rx: 0 }
}
