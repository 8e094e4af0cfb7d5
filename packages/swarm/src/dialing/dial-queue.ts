import { MAX_REPORTERS, type PeerInfo, PRIORITY_COUNT } from '../peers/peer-info.js'

/** Buckets of one priority: by whether the peer names relays, then by the number of hosts that have named it. */
const LEVELS = 2 * (MAX_REPORTERS + 1)

/**
 * Peers waiting to be dialled: highest priority first; among those the ones that name relays, as all do that listen, while
 * the others take a search of the DHT; then the ones that most hosts have named, since a node can invent peers; and in
 * random order among equals, so that the peers of a topic do not all dial the same one. Each operation takes constant
 * time.
 */
export class DialQueue {
  readonly #buckets: PeerInfo[][] = Array.from({ length: PRIORITY_COUNT * LEVELS }, () => [])
  readonly #random: () => number
  #size = 0

  constructor(random: () => number) {
    this.#random = random
  }

  get size(): number {
    return this.#size
  }

  /** Adds `info` at its current priority. A peer that is already queued stays where it is. */
  add(info: PeerInfo): void {
    if (info.queued) return
    info.updatePriority()
    const hasRelays = info.relayAddresses !== null && info.relayAddresses.length > 0
    info.queueBucket = info.priority * LEVELS + (hasRelays ? MAX_REPORTERS + 1 : 0) + info.reportCount
    const bucket = this.#bucketOf(info)
    info.queued = true
    info.queueIndex = bucket.push(info) - 1
    this.#size++
  }

  /** The priority of the peer that `shift` would return, -1 if there is none. */
  get headPriority(): number {
    return Math.floor(this.#headBucket / LEVELS)
  }

  /** Removes and returns the next peer to dial. */
  shift(): PeerInfo | null {
    const bucket = this.#buckets[this.#headBucket]
    if (bucket === undefined) return null
    const chosen = bucket[Math.floor(this.#random() * bucket.length)]
    if (chosen === undefined) return null
    this.remove(chosen)
    return chosen
  }

  remove(info: PeerInfo): boolean {
    if (!info.queued) return false
    const bucket = this.#bucketOf(info)
    const last = bucket.pop()
    if (last !== undefined && last !== info) {
      bucket[info.queueIndex] = last
      last.queueIndex = info.queueIndex
    }
    info.queued = false
    info.queueBucket = -1
    info.queueIndex = -1
    this.#size--
    return true
  }

  *[Symbol.iterator](): IterableIterator<PeerInfo> {
    for (const bucket of this.#buckets) yield* bucket
  }

  /** -1 if all are empty. */
  get #headBucket(): number {
    return this.#buckets.findLastIndex((bucket) => bucket.length > 0)
  }

  #bucketOf(info: PeerInfo): PeerInfo[] {
    const bucket = this.#buckets[info.queueBucket]
    if (bucket === undefined) throw new Error(`no dial priority ${info.priority}`)
    return bucket
  }
}
