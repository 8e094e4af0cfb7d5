import type { DialFailure } from '../dialing/failure.js'
import type { DiscoveryFailure } from '../discovery/failure.js'
import type { PeerFinder } from '../discovery/finder.js'
import type { DiscoveryMode } from '../discovery/session.js'
import type { GroupChoice } from '../groups/options.js'
import type { PayloadCodec } from '../handshake/noise.js'
import type { Connection, ConnectionPath } from '../network/connection.js'
import type { AnnounceEarly, CreateSecretStream, DhtNode, NodeServer } from '../network/dht-node.js'
import type { NetworkProbe } from '../network/network-probe.js'
import type { OfflineState } from '../network/reachability.js'
import type { PeerInfo } from '../peers/peer-info.js'
import type { AbortSignalLike } from '../util/abort-signal.js'

/** Events of a swarm. */
export interface SwarmEvents {
  /** A connection is open. Emitted once per connection, on each side. */
  connection: [connection: Connection, info: PeerInfo]
  /** A dial, a connection, a close or the network changed what the swarm's properties say. */
  update: []
  /** A peer was banned. */
  ban: [info: PeerInfo, error: Error | null]
  /** A dial failed. */
  'dial-error': [failure: DialFailure]
  /** The network is gone: why, and when it is tried again. Nothing needs to be done; see `swarm.offline`. */
  offline: [state: OfflineState]
  /** The network answers again. Lookups, announcements and dials begin again at once, on their own. */
  online: []
  /**
   * A topic could not be announced, looked up or watched for newcomers; it is tried again. Through a proxy server also
   * because the server does not allow the topic (AUTH_DENIED), or as many (LIMIT).
   */
  'discovery-error': [failure: DiscoveryFailure]
}

/**
 * What to do with a peer found by a lookup: dial it; remember it, but leave it alone until `connect` or `joinPeer`
 * asks for it; or ignore it.
 */
export type PeerVerdict = 'dial' | 'keep' | 'ignore'

/** Options of `join`. */
export interface JoinOptions extends DiscoveryMode {
  /**
   * Connect for this topic only to members of this group: its public key, if the swarm already holds a membership of
   * it, the membership itself, or the Group. Default: that of the earlier join of the topic, else none.
   */
  group?: GroupChoice | undefined
  /** Ends the returned session when it aborts. Default: none. */
  signal?: AbortSignalLike | undefined
}

/** Options of `leave`. */
export interface LeaveOptions {
  /** Also close the connections for this topic that no other joined topic and no `joinPeer` holds. Default: false. */
  close?: boolean | undefined
}

/** Options of `destroy`. */
export interface DestroyOptions {
  /** Withdraw nothing from the network, which is faster. Default: false. */
  force?: boolean | undefined
}

/** The network under a swarm. */
export interface SwarmNetwork {
  readonly node: DhtNode
  /** Whether the swarm destroys the node when it is destroyed. */
  readonly ownsNode: boolean
  /** The node's handshake payload; null if unknown, in which case handshakes carry no extension. */
  readonly codec: PayloadCodec | null
  /** Finds out whether the node's network answers. Default: the node reports it as `online`. */
  readonly probe?: NetworkProbe
  /** Makes what finds peers in addition to the node, for instance on the local network. The swarm destroys it. */
  createFinders?(server: NodeServer): PeerFinder[]
  /** Whether the node's network has responded: if not, flushes with finders do not wait for it, and destroy withdraws
   * nothing from it. Default: it has. */
  isReachable?(): boolean
  /** What its connections are before they move to a direct path. Default: 'native'. */
  readonly path?: ConnectionPath
  /** Makes secret streams whose connections may have several paths. Without it the node does that. */
  createSecretStream?: CreateSecretStream
  /** Lets announces begin before the server listens. Without it they begin when it does. */
  readonly announceEarly?: AnnounceEarly | undefined
  /** A connection is open and about to be shown to the application. */
  onOpened?(connection: Connection): void
  /** The last swarm on the node has been destroyed; only called for a node that the swarm does not own. */
  onNodeLeft?(): void
}
