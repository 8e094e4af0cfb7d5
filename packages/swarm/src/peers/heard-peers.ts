import { type TopicHex, topicHex } from '../util/topic.js'
import type { PeerInfo } from './peer-info.js'

/** Peers of a topic, the oldest first. */
class Line {
  readonly peers = new Set<PeerInfo>()
  /** Behind all that have left the front: a new one would walk over the gaps that they have left in the set. */
  #front = this.peers.values()
  #oldest: PeerInfo | undefined

  get oldest(): PeerInfo | undefined {
    if (this.#oldest === undefined || !this.peers.has(this.#oldest)) this.#advance()
    return this.#oldest
  }

  /** Makes it the newest. */
  requeue(info: PeerInfo): void {
    if (!this.peers.delete(info)) return
    this.peers.add(info)
    if (info === this.#oldest) this.#oldest = undefined
  }

  #advance(): void {
    this.#oldest = this.#front.next().value
    if (this.#oldest !== undefined || this.peers.size === 0) return
    this.#front = this.peers.values()
    this.#oldest = this.#front.next().value
  }
}

/** Peers that were found on a topic, the oldest first, by the topic on which each was found first. */
export class HeardPeers {
  readonly #byTopic = new Map<TopicHex, Line>()
  readonly #topicOf = new Map<PeerInfo, TopicHex>()

  get size(): number {
    return this.#topicOf.size
  }

  add(info: PeerInfo, topic: Uint8Array): void {
    if (this.#topicOf.has(info)) return
    const key = topicHex(topic)
    const line = this.#byTopic.get(key) ?? new Line()
    this.#byTopic.set(key, line)
    line.peers.add(info)
    this.#topicOf.set(info, key)
  }

  delete(info: PeerInfo): void {
    const key = this.#topicOf.get(info)
    if (key === undefined) return
    this.#topicOf.delete(info)
    const line = this.#byTopic.get(key)
    line?.peers.delete(info)
    if (line?.peers.size === 0) this.#byTopic.delete(key)
  }

  /** Makes it the newest of its topic. */
  requeue(info: PeerInfo): void {
    const key = this.#topicOf.get(info)
    if (key !== undefined) this.#byTopic.get(key)?.requeue(info)
  }

  /** The oldest peer of `topic`, if that has more than its share, otherwise of the topic with the most peers. */
  oldest(topic: Uint8Array): PeerInfo | undefined {
    const own = this.#byTopic.get(topicHex(topic))
    const share = this.size / this.#byTopic.size
    const line = own !== undefined && own.peers.size > share ? own : this.#largest()
    return line?.oldest
  }

  #largest(): Line | undefined {
    let largest: Line | undefined
    for (const line of this.#byTopic.values()) if (line.peers.size > (largest?.peers.size ?? 0)) largest = line
    return largest
  }
}
