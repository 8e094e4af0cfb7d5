import { MAX_REPORTERS, type PeerInfo } from '../peers/peer-info.js'
import { PRIORITY_COUNT } from '../peers/priority.js'

/** Level of those that are present; below it, levels by whether they name relays, then by the hosts that named them. */
const PRESENT = 2 * (MAX_REPORTERS + 1)
/** Buckets of one priority. */
const LEVELS = PRESENT + 1

/**
 * Peers waiting to be dialled: highest priority first. Among those, the ones that our local network or proxy server says
 * are present take turns with the ones of the DHT, so that neither kind, if it is invented, hides the other. Of the DHT's,
 * first the ones that name relays, as all do that listen, while the others take a search of the DHT; then the ones that
 * most hosts have named, since a node can invent peers. Equals come in random order, so that the peers of a topic do not
 * all dial the same one. Each operation takes constant time.
 */
export class DialQueue {
  readonly #buckets: PeerInfo[][] = Array.from({ length: PRIORITY_COUNT * LEVELS }, () => [])
  readonly #random: () => number
  #size = 0
  /** Whether the last one of a mixed queue was a present one. */
  #wasPresent = false

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
    info.queueBucket = info.priority * LEVELS + levelOf(info)
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
    const bucket = this.#buckets[this.#nextBucket()]
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

  /** The bucket whose turn it is, of those with the highest priority; -1 if all are empty. */
  #nextBucket(): number {
    const head = this.#headBucket
    if (head % LEVELS !== PRESENT) return head
    const lowest = head - PRESENT
    const other = this.#buckets.findLastIndex((bucket, i) => i >= lowest && i < head && bucket.length > 0)
    this.#wasPresent = other === -1 || !this.#wasPresent
    return this.#wasPresent ? head : other
  }

  #bucketOf(info: PeerInfo): PeerInfo[] {
    const bucket = this.#buckets[info.queueBucket]
    if (bucket === undefined) throw new Error(`no dial priority ${info.priority}`)
    return bucket
  }
}

function levelOf({ present, relayAddresses, reportCount }: PeerInfo): number {
  if (present) return PRESENT
  const hasRelays = relayAddresses !== null && relayAddresses.length > 0
  return (hasRelays ? MAX_REPORTERS + 1 : 0) + reportCount
}
