import type { Clock } from '@swarmway/runtime'
import { RateLimit } from '@swarmway/runtime'

/** Most packets per second taken from one host, and in a burst. A host with a thousand topics sends 10 a second. */
const HOST_PER_SECOND = 30
const HOST_BURST = 60
/** The part of that for which a host does not depend on what others send. At rest it sends a packet in two seconds. */
const OWN_PER_SECOND = 1
const OWN_BURST = 8
/** Most packets per second taken in total, and in a burst; as many again of those that are within the hosts' own parts. */
const ALL_PER_SECOND = 150
const ALL_BURST = 300
/** Most hashes per second spent on reading packets: about 20 ms of processor time. */
const HASHES_PER_SECOND = 20_000
/** Most hosts to count; bounds what a forger of sender addresses can make us remember. */
const MAX_HOSTS = 256

interface HostLimits {
  readonly all: RateLimit
  readonly own: RateLimit
}

/** Bounds the cost of packets from the network, no matter which hosts send them. */
export class PacketLimits {
  readonly #clock: Clock
  readonly #all: RateLimit
  readonly #own: RateLimit
  readonly #hashes: RateLimit
  readonly #hosts = new Map<string, HostLimits>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#all = new RateLimit(ALL_PER_SECOND, clock, ALL_BURST)
    this.#own = new RateLimit(ALL_PER_SECOND, clock, ALL_BURST)
    this.#hashes = new RateLimit(HASHES_PER_SECOND, clock)
  }

  /** Whether a packet from `host` may be read. One host, or a few, cannot use up what others need. */
  takePacket(host: string): boolean {
    const { all, own } = this.#limitsOf(host)
    if (!all.take()) return false
    return (own.take() && this.#own.take()) || this.#all.take()
  }

  /** Whether `count` hashes may be spent. */
  takeHashes(count: number): boolean {
    return this.#hashes.take(count)
  }

  #limitsOf(host: string): HostLimits {
    const known = this.#hosts.get(host)
    if (known !== undefined) return known
    const oldest = this.#hosts.size >= MAX_HOSTS ? this.#hosts.keys().next().value : undefined
    if (oldest !== undefined) this.#hosts.delete(oldest)
    const limits = {
      all: new RateLimit(HOST_PER_SECOND, this.#clock, HOST_BURST),
      own: new RateLimit(OWN_PER_SECOND, this.#clock, OWN_BURST)
    }
    this.#hosts.set(host, limits)
    return limits
  }
}
