import { type Clock, callApplication, systemClock, systemWallClock, type WallClock } from '@swarmway/runtime'
import type { Firewall } from '../connections/firewall.js'
import type { GroupOptions } from '../groups/options.js'
import type { LanOptions } from '../lan/options.js'
import type { Connection } from '../network/connection.js'
import type { Address, DhtNode, RelayChoice } from '../network/dht-node.js'
import { type DirectOptions, type DirectSettings, settleDirect } from '../paths/direct/options.js'
import type { PeerInfo } from '../peers/peer-info.js'
import type { KeyPair, PublicKeyHex } from '../util/keys.js'
import { verifyCore, verifyRelayThrough } from './verify-options.js'

/** The swarm that a connection is relayed for, as seen by {@link RelayThrough}. */
export interface RelayingSwarm {
  readonly keyPair: KeyPair
  readonly dht: DhtNode
  /** Open connections. */
  readonly connections: ReadonlySet<Connection>
  /** Known peers, by public key in hex. */
  readonly peers: ReadonlyMap<PublicKeyHex, PeerInfo>
}

/**
 * Returns the relay for a connection, or null for none. `force` is true once a direct connection to the peer has turned
 * out to be impossible. If it throws, no relay is used and the error is uncaught.
 */
export type RelayThrough = (force: boolean, swarm: RelayingSwarm) => RelayChoice

/** Options of a swarm over any {@link DhtNode}. Options of hyperswarm 4.17 have the same meaning here. */
export interface CoreOptions extends GroupOptions {
  /** The swarm's identity. Default: derived from `seed`, or random. */
  keyPair?: KeyPair | undefined
  /** 32 bytes to derive the key pair from. Default: none. */
  seed?: Uint8Array | undefined
  /**
   * Most peers connected or connecting at any moment, both ways; peers of `joinPeer` and `connect` do not count.
   * Default: no dial starts while there are 64 or more, and only `maxServerConnections` limits accepting.
   */
  maxPeers?: number | undefined
  /** Most connections that this side dialled, dials in progress included. Default: Infinity. */
  maxClientConnections?: number | undefined
  /** Most connections that this side accepted, handshakes in progress included. Default: Infinity. */
  maxServerConnections?: number | undefined
  /** Most dials in progress. Fewer while dials time out, and while all swarms of the process together have more than its
   * processor can bear. Default: 8. hyperswarm's is 3, which makes joining a topic of many peers slow. */
  maxParallel?: number | undefined
  /** Decides about each peer before there is a connection; see {@link Firewall}. Default: refuses nobody. */
  firewall?: Firewall | undefined
  /** Milliseconds after which an undecided asynchronous `firewall` counts as refusing. Default: 5000. */
  firewallTimeoutMs?: number | undefined
  /** A relay's public key, several, or a function that chooses per connection. Default: none. */
  relayThrough?: RelayChoice | RelayThrough | undefined
  /** Milliseconds to wait before the first, second, third and every later redial of a peer; the last is the ceiling.
   * For a minute after a connection was lost it stays at the second while dials meet nobody.
   * Default: 1000, 5000, 15000 and 600000, each plus a random part. */
  backoffs?: readonly number[] | undefined
  /** Most random milliseconds added to each wait. Default: 500. */
  jitter?: number | undefined
  /** Milliseconds that the accepting side remembers a handshake. Default: 10000. */
  handshakeClearWait?: number | undefined
  /** Milliseconds after which a dial that has neither opened nor failed is given up. Default: 60000. */
  dialTimeoutMs?: number | undefined
  /** Tell the remote which topics a dial is for, in a form that only peers that know a topic can read, so that
   * both sides know `info.topics`. Default: true. */
  topicProofs?: boolean | undefined
  /** Most discovery queries in flight on one DHT node, across all swarms that share it. The first swarm on a node sets
   * it. Default: 4. With more, the requests of their last steps exceed what a DHT node sends at once. */
  maxQueries?: number | undefined
  /** Most peers kept that were found but never connected. Default: 8192. Beyond, the oldest one of the topic with the
   * most is forgotten until it is found again. Stops inventors of peers, such as a hostile DHT node or proxy server. */
  maxFoundPeers?: number | undefined
  /** Milliseconds that `suspend` waits, all topics together, for announcements to be withdrawn. Those that are not
   * withdrawn in time expire in the DHT. Default: 2000. */
  suspendTimeoutMs?: number | undefined
  /** As `suspendTimeoutMs`, for `destroy`. Default: 5000. */
  destroyTimeoutMs?: number | undefined
  /**
   * Whether connections move to a direct path, by WebRTC, and how; see docs/concepts.md. Each side sees the other's
   * addresses then. Both sides must have it. Default: in a page, direct paths without any other server; elsewhere false.
   */
  direct?: false | DirectOptions | undefined
  /** Clock for measuring durations; monotonic. Default: the platform's. For tests. */
  clock?: Clock | undefined
  /** Time of day, which decides when memberships end. Default: the platform's. For tests. */
  wallClock?: WallClock | undefined
  /** Random numbers from 0 up to 1. Default: Math.random. For tests. */
  random?: (() => number) | undefined
}

/** Options of {@link Swarm}, over HyperDHT. */
export interface SwarmOptions extends CoreOptions {
  /** A HyperDHT instance, or any other {@link DhtNode}, to use. It is borrowed: the swarm does not destroy it.
   * Default: a node of the swarm's own, made with the options below. */
  dht?: DhtNode | undefined
  /** Whether to destroy the given `dht` with the last swarm on it, for programs that write `dht: new HyperDHT(...)` and
   * keep no other reference. If it is not given, a node that nobody uses any more is suspended once the process seems to wait
   * for nothing else, which ends it, with the process warning `SWARMWAY_DHT_LEFT_OPEN`; false leaves it alone. Default: not given. */
  ownsDht?: boolean | undefined
  /** Bootstrap nodes, each an IPv4 address or host name and a port from 1 to 65535: `host:port`, `{ host, port }`, or
   * `suggested-ip@host:port`, whose name is looked up when the address does not answer. HyperDHT takes no IPv6
   * addresses. Default: the public HyperDHT's. */
  bootstrap?: ReadonlyArray<string | Address> | undefined
  /** Known nodes to fill the routing table with, by IPv4 address and port. Default: none. */
  nodes?: readonly Address[] | undefined
  /** The UDP port to bind, or `[from, to]` to try those from `from` up to before `to`. Default: 49737 or another
   * free one. */
  port?: number | readonly [number, number] | undefined
  /** The local IP address to bind. Default: all. */
  host?: string | undefined
  /**
   * Also find peers on the local network, by multicast DNS, which needs no internet and no bootstrap node. An object
   * chooses interface and port. See docs/lan.md. Default: false.
   */
  lan?: boolean | LanOptions | undefined
  /** True keeps the node from serving the DHT for others, false makes it serve at once. Default: it starts to serve
   * after about 20 minutes if it can be reached. */
  ephemeral?: boolean | undefined
  /** Delay the first punch at a randomizing NAT by `randomPunchInterval`. Default: false. */
  deferRandomPunch?: boolean | undefined
  /** Milliseconds between punches at randomizing NATs. Default: 20000. */
  randomPunchInterval?: number | undefined
}

/** The options that have defaults, filled in. */
export interface Settings {
  maxPeers: number | null
  maxClientConnections: number
  maxServerConnections: number
  maxParallel: number
  firewall: Firewall | null
  firewallTimeoutMs: number
  backoffs: readonly number[]
  jitter: number
  dialTimeoutMs: number
  topicProofs: boolean
  maxQueries: number
  maxFoundPeers: number
  suspendTimeoutMs: number
  destroyTimeoutMs: number
  clock: Clock
  wallClock: WallClock
  random: () => number
  direct: DirectSettings | null
}

const DEFAULTS: Omit<Settings, 'maxPeers' | 'firewall' | 'backoffs' | 'direct'> = {
  maxClientConnections: Number.POSITIVE_INFINITY,
  maxServerConnections: Number.POSITIVE_INFINITY,
  maxParallel: 8,
  firewallTimeoutMs: 5000,
  jitter: 500,
  dialTimeoutMs: 60_000,
  topicProofs: true,
  maxQueries: 4,
  maxFoundPeers: 8192,
  suspendTimeoutMs: 2000,
  destroyTimeoutMs: 5000,
  clock: systemClock,
  wallClock: systemWallClock,
  random: Math.random
}

/** Verifies `options` and fills in the defaults. Throws a `TypeError` that names the first bad option. */
export function settle(options: CoreOptions): Settings {
  verifyCore(options)
  const { random: given = Math.random } = options
  const random = () => callApplication(given, Math.random)
  const set = Object.entries(options).filter(([name, value]) => value !== undefined && name in DEFAULTS)
  return {
    ...DEFAULTS,
    maxPeers: options.maxPeers ?? null,
    firewall: options.firewall ?? null,
    backoffs: options.backoffs ?? defaultBackoffs(random),
    ...Object.fromEntries(set),
    direct: settleDirect(options.direct),
    random
  }
}

/**
 * A relay given as a key is used if a direct connection has proved impossible, or if our own NAT requires it. Throws a
 * `TypeError` if it is not a relay.
 */
export function toRelayFunction(relayThrough: RelayChoice | RelayThrough | undefined): RelayThrough | null {
  verifyRelayThrough({ relayThrough })
  if (relayThrough === undefined || relayThrough === null) return null
  if (typeof relayThrough === 'function') return relayThrough
  return (force, swarm) => (force || swarm.dht.randomized === true ? relayThrough : null)
}

/** As in hyperswarm, each process spreads its waits a little differently. */
function defaultBackoffs(random: () => number): readonly number[] {
  const spread = (mostMs: number) => Math.round(mostMs * random())
  return [1000 + spread(500), 5000 + spread(1000), 15_000 + spread(2000), 600_000 + spread(120_000)]
}
