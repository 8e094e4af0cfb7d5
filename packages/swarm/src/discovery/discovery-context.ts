import type { Clock } from '@swarmway/runtime'
import type { AnnounceEarly, DhtNode, DiscoveredPeer, NodeServer } from '../network/dht-node.js'
import type { KeyPair } from '../util/keys.js'
import type { SwarmStats } from '../util/stats.js'
import type { DiscoveryFailure } from './failure.js'
import type { PeerFinder } from './finder.js'
import type { TopicLimit } from './joined-topics.js'
import type { QueryScheduler } from './scheduler.js'
import type { Withdrawals } from './withdrawals.js'

/** The swarm, as seen by a topic's discovery. */
export interface DiscoverySwarm {
  readonly dht: DhtNode
  readonly server: NodeServer
  readonly keyPair: KeyPair
  listen(): Promise<unknown>
  leave(topic: Uint8Array): Promise<void>
}

/** What a topic's discovery needs. */
export interface DiscoveryContext {
  readonly swarm: DiscoverySwarm
  readonly scheduler: QueryScheduler
  readonly withdrawals: Withdrawals
  readonly clock: Clock
  readonly random: () => number
  readonly stats: SwarmStats['queries']
  /** Lets announces begin before the server listens. Default: they begin when it does. */
  readonly announceEarly?: AnnounceEarly | undefined
  /** `isNews` is false for the re-lookups after a join: they add peers, but do not hurry known ones. */
  onPeer(peer: DiscoveredPeer, topic: Uint8Array, isNews: boolean): void
  /** Whether the topic has few connections and may have more. Default: yes. */
  hasFewOn?(topic: TopicLimit): boolean
  /** Whether more peers may be dialled than are known. Default: yes. */
  lacksPeers?(): boolean
  /** What finds peers in addition to the node. */
  finders?(): readonly PeerFinder[]
  /** A finder no longer finds a peer that it had found. */
  onGone?(publicKey: Uint8Array): void
  /** Whether the node's network has responded. Default: assumed to be there. */
  isReachable?(): boolean
  /** A query has ended: whether any node has answered it. */
  onEvidence?(isAnswered: boolean): void
  /** A lookup or announce has ended; not called for re-lookups. */
  onCycle(topic: Uint8Array, isDone: boolean): void
  /** A lookup or announce has failed, re-lookups included. */
  onFailed?(failure: DiscoveryFailure): void
}

/** A join of the topic, as seen by the topic's discovery. */
export interface DiscoveryUser {
  readonly isClient: boolean
  readonly isServer: boolean
  readonly limit: number
  /** The topic was left, which ends the join. */
  detach(): void
}
