import type { Connection } from './connection.js'
import type { DialFailure } from './context.js'
import type { DhtNode } from './dht-node.js'
import type { DiscoveryMode } from './discovery/session.js'
import type { PayloadCodec } from './handshake/noise.js'
import type { PeerInfo } from './peer-info.js'

/** Events of a swarm. */
export interface SwarmEvents<C extends Connection = Connection> {
  /** A connection is open. Emitted once per connection, on each side. */
  connection: [connection: C, info: PeerInfo]
  /** A dial, a connection or a close changed what the swarm's properties say. */
  update: []
  /** A peer was banned. */
  ban: [info: PeerInfo, error: Error | null]
  /** A dial failed. */
  'dial-error': [failure: DialFailure]
}

/** Options of `join`. */
export interface JoinOptions extends DiscoveryMode {
  /** Ends the returned session when it aborts. */
  signal?: AbortSignal | undefined
}

/** Options of `leave`. */
export interface LeaveOptions {
  /** Also close the connections for this topic that no other joined topic and no `joinPeer` holds. Default: false. */
  close?: boolean | undefined
}

/** Options of `destroy`. */
export interface DestroyOptions {
  /** Withdraw nothing from the network, so be done sooner. Default: false. */
  force?: boolean | undefined
}

/** The network under a swarm. */
export interface SwarmNetwork {
  readonly node: DhtNode
  /** Whether the swarm destroys the node with itself. */
  readonly ownsNode: boolean
  /** The node's handshake payload; null if unknown, then there is no handshake extension. */
  readonly codec: PayloadCodec | null
}
