import type { Clock } from '@swarmway/runtime'
import type { DhtNode, DiscoveredPeer, NodeServer } from '../network/dht-node.js'
import type { KeyPair } from '../util/keys.js'
import type { SwarmStats } from '../util/stats.js'
import type { PeerFinder } from './finder.js'
import type { QueryScheduler } from './scheduler.js'

/** The swarm, as a topic's discovery sees it. */
export interface DiscoverySwarm {
  readonly dht: DhtNode
  readonly server: NodeServer
  readonly keyPair: KeyPair
  listen(): Promise<unknown>
  leave(topic: Uint8Array): Promise<void>
}

/** What a topic's discovery works with. */
export interface DiscoveryContext {
  readonly swarm: DiscoverySwarm
  readonly scheduler: QueryScheduler
  readonly clock: Clock
  readonly random: () => number
  readonly stats: SwarmStats['queries']
  /** `isNews` is false for the re-lookups after a join: they add peers, but do not hurry known ones. */
  onPeer(peer: DiscoveredPeer, topic: Uint8Array, isNews: boolean): void
  /** What finds peers beside the node. */
  finders?(): readonly PeerFinder[]
  /** A finder no longer finds a peer that it has found. */
  onGone?(publicKey: Uint8Array): void
  /** Whether the node's network has shown itself. Default: it is taken to be there. */
  isReachable?(): boolean
  /** A lookup or announce has ended; re-lookups are not told of. */
  onCycle(topic: Uint8Array, isDone: boolean): void
}

/** A join of the topic, as the topic's discovery sees it. */
export interface DiscoveryUser {
  readonly isClient: boolean
  readonly isServer: boolean
  readonly limit: number
  /** The topic was left, and the join ends with it. */
  detach(): void
}
