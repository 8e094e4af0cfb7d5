import type { Clock, ProtocolLimits } from '@swarmway/proxy-protocol'
import type { AddressPolicy } from './dht/addresses.js'
import type { DhtQueue } from './dht/dht-queue.js'
import type { HyperDht } from './dht/hyperdht.js'
import type { SharedLookups } from './discovery/shared-lookups.js'
import type { ServerLimits } from './limits.js'
import type { Listeners } from './listening/listeners.js'
import type { TopicHub } from './rendezvous/rendezvous.js'
import type { Counters } from './stats/counters.js'
import type { BufferBudget } from './streams/budget.js'

/** What all clients of a server share. */
export interface ServerContext {
  /** Null on a server that only brings its own clients together. */
  readonly dht: HyperDht | null
  readonly limits: ServerLimits
  /** Those of them that are about the wire. */
  readonly wireLimits: ProtocolLimits
  readonly clock: Clock
  readonly addresses: AddressPolicy
  readonly counters: Counters
  readonly budget: BufferBudget
  readonly queue: DhtQueue
  /** Null without a DHT. */
  readonly lookups: SharedLookups | null
  readonly hub: TopicHub
  readonly listeners: Listeners
  /** The names by which clients know the server; empty: not given. */
  readonly names: readonly string[]
  /** Keys that clients are not told of. */
  readonly ownKeys: readonly Uint8Array[]
}
