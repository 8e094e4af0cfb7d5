import type { FirewallCheck } from '../connections/firewall.js'
import type { ConnectionLimits, TopicLimit } from '../connections/limits.js'
import type { ConnectionTable, OpenConnection } from '../connections/table.js'
import type { GroupGuard } from '../groups/guard.js'
import type { Membership } from '../groups/membership.js'
import type { Identity } from '../handshake/identity.js'
import type { PayloadCodec } from '../handshake/noise.js'
import type { DhtNode, RelayChoice } from '../network/dht-node.js'
import type { PeerInfo } from '../peers/peer-info.js'
import type { PeerTable } from '../peers/peer-table.js'
import type { SwarmStats } from '../util/stats.js'
import type { Settings } from './options.js'

/** What the parts of a swarm share. */
export interface SwarmContext {
  readonly node: DhtNode
  /** Null when the node's handshake payload is unknown: then there is no extension block. */
  readonly codec: PayloadCodec | null
  readonly identity: Identity
  readonly settings: Settings
  readonly peers: PeerTable
  readonly table: ConnectionTable
  readonly limits: ConnectionLimits
  readonly firewall: FirewallCheck
  readonly stats: SwarmStats
  readonly topics: JoinedTopics
  /** Who is a member of what. */
  readonly groups: GroupGuard
  /** False while suspended and after destroy: nothing new may begin. */
  isActive(): boolean
  /** The relay to use for a connection. */
  relay(force: boolean): RelayChoice
  /** A connection is ready to be shown to the application. `told` are the topics that its handshake was about. */
  onOpen(info: PeerInfo, open: OpenConnection, told: readonly Uint8Array[]): void
  /** A connected peer has proved further topics and memberships. Returns those of the topics that it may be on. */
  onNote(
    info: PeerInfo,
    open: OpenConnection,
    topics: readonly Uint8Array[],
    memberships: readonly Membership[]
  ): Uint8Array[]
  /** A part of the peer's slot went: there may be room for others, or for it. */
  onSlotFreed(info: PeerInfo): void
  emitUpdate(): void
  emitDialError(failure: DialFailure): void
}

/** The topics that are joined at this moment. */
export interface JoinedTopics {
  all(): Iterable<Uint8Array>
  /** The group of each, null for one that is open to all. */
  groups(): Iterable<Uint8Array | null>
  /** Those of `topics` that are joined, with their limits and groups. */
  joined(topics: readonly Uint8Array[]): JoinedTopic[]
}

/** A topic that is joined. */
export interface JoinedTopic extends TopicLimit {
  /** The key of the group whose members alone may be on it, null if it is open to all. */
  readonly group: Uint8Array | null
}

/** What a `dial-error` event tells. */
export interface DialFailure {
  /** Of the peer that was dialled. */
  publicKey: Uint8Array
  /** How far the dial came. */
  stage: DialStage
  /** Why it ended; see docs/errors.md. */
  code: string
  /** The how-manieth unsuccessful attempt in a row it was. */
  attempt: number
  /** Milliseconds until the next try, null if there will be none until the peer is discovered anew. */
  nextTryMs: number | null
  /** What the DHT node or the connection failed with, if it said anything. */
  error: Error | null
}

/** Finding the peer, its answer to the handshake, reaching it directly, or by relay; our own firewall; time. */
export type DialStage = 'firewall' | 'find' | 'handshake' | 'holepunch' | 'relay' | 'refused' | 'timeout' | 'connect'
