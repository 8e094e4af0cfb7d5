import type { Clock, ProtocolLimits } from '@swarmway/proxy-protocol'
import { guardNode } from '@swarmway/swarm/hyperdht'
import { AddressPolicy } from '../dht/addresses.js'
import { DhtQueue } from '../dht/dht-queue.js'
import type { HyperDht } from '../dht/hyperdht.js'
import { RecentRates } from '../fairness/recent-rates.js'
import { protocolLimits, type ServerLimits } from '../limits.js'
import type { Settings } from '../options.js'
import { Counters } from '../stats/counters.js'
import { BufferBudget } from '../streams/budget.js'

/** What the parts of a server are built on; it does not depend on any of them. */
export interface ServerResources {
  /** Null on a server that only connects its own clients. */
  readonly dht: HyperDht | null
  readonly limits: ServerLimits
  /** The limits of the wire protocol. */
  readonly wireLimits: ProtocolLimits
  readonly clock: Clock
  readonly addresses: AddressPolicy
  readonly counters: Counters
  readonly budget: BufferBudget
  readonly queue: DhtQueue
  readonly recentRates: RecentRates
  /** Keys that are not reported to clients. */
  readonly ownKeys: readonly Uint8Array[]
  /** The names by which clients may know the server; empty: any name that they asked for. */
  readonly names: readonly string[]
}

/** The resources of a server with these settings. */
export function createResources(settings: Settings, dht: HyperDht | null): ServerResources {
  if (dht !== null) guardNode(dht)
  const { allowPrivateAddresses, clock, limits, names, ownKeys } = settings
  return {
    dht,
    limits,
    wireLimits: protocolLimits(limits),
    clock,
    addresses: new AddressPolicy(allowPrivateAddresses, dht),
    counters: new Counters(),
    budget: new BufferBudget(limits.maxBufferedBytes, clock),
    queue: new DhtQueue(limits.maxDhtQueries, clock),
    recentRates: new RecentRates(clock),
    ownKeys,
    names
  }
}
