import { type Clock, RateLimit } from '@swarmway/runtime'
import { punchingPool } from '@swarmway/swarm/hyperdht'
import type { Owner } from '../fairness/fair-queue.js'
import type { NetworkPace } from '../fairness/network-pace.js'
import type { AddressPolicy } from './addresses.js'
import type { HyperDht } from './hyperdht.js'

const SECONDS_PER_MINUTE = 60

/** Options of {@link HolePunches}. */
export interface HolePunchesOptions {
  readonly clock: Clock
  readonly addresses: Pick<AddressPolicy, 'mayContact'>
  /** Packets a minute, all of which may go out at once. */
  readonly perMinute: number
  /** The client whose network shares `punchPace`. */
  owner(): Owner
  /** The packets of all clients of a network, also of those that are gone. */
  readonly punchPace: Pick<NetworkPace, 'mayBegin' | 'count'>
  /** Called for each further packet. */
  onLimit(): void
}

/**
 * The hole punches for one client: packets of one byte to addresses that its peers name, ten rounds of them, or 1750 to
 * random ports of one host. The client may be in league with the peer, and the addresses anybody's.
 */
export class HolePunches {
  readonly #packets: RateLimit
  readonly #options: HolePunchesOptions

  constructor(options: HolePunchesOptions) {
    const { clock, perMinute } = options
    this.#packets = new RateLimit(perMinute / SECONDS_PER_MINUTE, clock, perMinute)
    this.#options = options
  }

  /** The same node, with these limits. `onLimit` is called for each packet that is too much, and not sent. */
  nodeFor(dht: HyperDht, onLimit: () => void = () => {}): HyperDht {
    const pool = punchingPool(dht, (host) => this.#mayPunch(host, onLimit))
    if (pool === undefined) return dht
    return new Proxy(dht, { get: (node, name) => (name === '_socketPool' ? pool : Reflect.get(node, name)) })
  }

  #mayPunch(host: string, onLimit: () => void): boolean {
    if (!this.#options.addresses.mayContact(host)) return false
    const { owner, punchPace } = this.#options
    const { network } = owner()
    if (punchPace.mayBegin(network) && this.#packets.take()) {
      punchPace.count(network)
      return true
    }
    this.#options.onLimit()
    onLimit()
    return false
  }
}
