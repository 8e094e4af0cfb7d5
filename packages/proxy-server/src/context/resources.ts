import type { Clock, ProtocolLimits } from '@swarmway/proxy-protocol'
import { deadlineClock } from '@swarmway/runtime'
import { guardNode, releaseHandshakes } from '@swarmway/swarm/hyperdht'
import { AddressPolicy } from '../dht/addresses.js'
import { DhtHealth } from '../dht/dht-health.js'
import { DhtQueue } from '../dht/dht-queue.js'
import { DialRequests } from '../dht/dial-requests.js'
import type { HyperDht } from '../dht/hyperdht.js'
import { InputPaces } from '../fairness/input-paces.js'
import { Load } from '../fairness/load.js'
import { NetworkPace } from '../fairness/network-pace.js'
import { NetworkTurns } from '../fairness/network-turns.js'
import { RecentRates } from '../fairness/recent-rates.js'
import { protocolLimits, type ServerLimits } from '../limits.js'
import type { Settings } from '../options.js'
import { Counters } from '../stats/counters.js'
import { BufferBudget } from '../streams/budget.js'

/** Clients whose packets to punch holes one network may have sent in a minute. */
const PUNCHING_CLIENTS = 4
const MINUTE_SECONDS = 60

/** What the parts of a server are built on; it does not depend on any of them. */
export interface ServerResources {
  /** Null on a server that only connects its own clients. */
  readonly dht: HyperDht | null
  readonly limits: ServerLimits
  /** The limits of the wire protocol. */
  readonly wireLimits: ProtocolLimits
  /** For deadlines of others, which a stall of this process does not shorten. */
  readonly clock: Clock
  readonly addresses: AddressPolicy
  readonly counters: Counters
  readonly budget: BufferBudget
  readonly load: Load
  /** Whether the DHT answers. */
  readonly dhtHealth: DhtHealth
  readonly queue: DhtQueue
  readonly dialRequests: DialRequests
  readonly recentRates: RecentRates
  readonly inputPaces: InputPaces
  readonly signatureChecks: NetworkTurns
  readonly greetingTurns: NetworkTurns
  /** Packets that punch holes, by network. */
  readonly punchPace: NetworkPace
  /** Keys that are not reported to clients. */
  readonly ownKeys: readonly Uint8Array[]
  /** The names by which clients may know the server; empty: any name that they asked for. */
  readonly names: readonly string[]
}

/** The resources of a server with these settings. */
export function createResources(settings: Settings, dht: HyperDht | null): ServerResources {
  if (dht !== null) {
    guardNode(dht)
    releaseHandshakes(dht)
  }
  const { allowPrivateAddresses, limits, names, ownKeys } = settings
  const clock = deadlineClock(settings.clock)
  const counters = new Counters()
  const strain = () => load.strain
  const load = new Load({ clock: settings.clock, counters, maxDelayMs: limits.maxEventLoopDelayMs })
  return {
    dht,
    limits,
    wireLimits: protocolLimits(limits),
    clock,
    addresses: new AddressPolicy(allowPrivateAddresses, dht),
    counters,
    budget: new BufferBudget(limits.maxBufferedBytes, clock),
    load,
    dhtHealth: new DhtHealth(dht, settings.clock),
    queue: new DhtQueue({
      clock,
      load,
      maxInFlight: limits.maxDhtQueries,
      perSecond: limits.dhtQueriesPerSecond
    }),
    dialRequests: new DialRequests(limits.maxDialRequests, clock),
    recentRates: new RecentRates(clock),
    inputPaces: new InputPaces(limits.framesPerSecond, clock, () => counters.countLimitHit('framesPerSecond')),
    punchPace: punchPace(limits.maxPunchPacketsPerMinute, clock),
    signatureChecks: new NetworkTurns(limits.signaturesPerSecond, clock, 'the check of a signature', strain),
    greetingTurns: new NetworkTurns(limits.greetingsPerSecond, clock, 'the greeting', strain),
    ownKeys,
    names
  }
}

function punchPace(perMinute: number, clock: Clock): NetworkPace {
  const ofNetwork = PUNCHING_CLIENTS * perMinute
  return new NetworkPace(ofNetwork / MINUTE_SECONDS, clock, { atOnce: ofNetwork, isShared: false })
}
