import type { Clock } from '../clock.js'

/** Most packets per second taken from one host, and in a burst. A host with a thousand topics sends 10 a second. */
const HOST_PER_SECOND = 30
const HOST_BURST = 60
/** Most packets per second taken in all, and in a burst. */
const ALL_PER_SECOND = 150
const ALL_BURST = 300
/** Most hashes per second spent on finding out what packets ask for: about 20 ms of the processor. */
const HASHES_PER_SECOND = 20_000
/** Hosts that are counted; what a forger of sender addresses can make us remember. */
const MAX_HOSTS = 256

/** A bucket that fills at a steady rate. Taking is allowed while it is not empty, and may leave it in debt. */
export class TokenBucket {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #capacity: number
  #level: number
  #filledMs: number

  constructor(clock: Clock, perSecond: number, capacity: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#capacity = capacity
    this.#level = capacity
    this.#filledMs = clock.now()
  }

  take(cost = 1): boolean {
    const now = this.#clock.now()
    // A clock that is set back must not empty the bucket.
    const gain = (Math.max(0, now - this.#filledMs) * this.#perSecond) / 1000
    this.#level = Math.min(this.#capacity, this.#level + gain)
    this.#filledMs = now
    if (this.#level <= 0) return false
    this.#level -= cost
    return true
  }
}

/** Bounds what packets from the network can cost, whoever sends them. */
export class PacketLimits {
  readonly #clock: Clock
  readonly #all: TokenBucket
  readonly #hashes: TokenBucket
  readonly #hosts = new Map<string, TokenBucket>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#all = new TokenBucket(clock, ALL_PER_SECOND, ALL_BURST)
    this.#hashes = new TokenBucket(clock, HASHES_PER_SECOND, HASHES_PER_SECOND)
  }

  /** Whether a packet from `host` may be looked at. One host alone cannot use up what there is for all. */
  takePacket(host: string): boolean {
    return this.#host(host).take() && this.#all.take()
  }

  /** Whether `count` hashes may be spent. */
  takeHashes(count: number): boolean {
    return this.#hashes.take(count)
  }

  #host(host: string): TokenBucket {
    const known = this.#hosts.get(host)
    if (known !== undefined) return known
    const oldest = this.#hosts.size >= MAX_HOSTS ? this.#hosts.keys().next().value : undefined
    if (oldest !== undefined) this.#hosts.delete(oldest)
    const bucket = new TokenBucket(this.#clock, HOST_PER_SECOND, HOST_BURST)
    this.#hosts.set(host, bucket)
    return bucket
  }
}
