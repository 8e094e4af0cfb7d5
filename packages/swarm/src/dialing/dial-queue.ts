import { type PeerInfo, PRIORITY_COUNT } from '../peers/peer-info.js'

/**
 * Peers waiting to be dialled: highest priority first, in random order among equals, so that the peers of a topic do
 * not all dial the same one. Each operation takes constant time.
 */
export class DialQueue {
  readonly #buckets: PeerInfo[][] = Array.from({ length: PRIORITY_COUNT }, () => [])
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
    const bucket = this.#bucketOf(info)
    info.queued = true
    info.queueIndex = bucket.push(info) - 1
    this.#size++
  }

  /** The priority of the peer that `shift` would return, -1 if there is none. */
  get headPriority(): number {
    for (let priority = PRIORITY_COUNT - 1; priority >= 0; priority--) {
      if (this.#buckets[priority]?.length) return priority
    }
    return -1
  }

  /** Removes and returns the next peer to dial. */
  shift(): PeerInfo | null {
    const bucket = this.#buckets[this.headPriority]
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
    info.queueIndex = -1
    this.#size--
    return true
  }

  *[Symbol.iterator](): IterableIterator<PeerInfo> {
    for (const bucket of this.#buckets) yield* bucket
  }

  #bucketOf(info: PeerInfo): PeerInfo[] {
    const bucket = this.#buckets[info.priority]
    if (bucket === undefined) throw new Error(`no dial priority ${info.priority}`)
    return bucket
  }
}
