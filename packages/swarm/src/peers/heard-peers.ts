import { type TopicHex, topicHex } from '../util/topic.js'
import type { PeerInfo } from './peer-info.js'

/** Peers that were found on a topic, the oldest first, by the topic on which each was found first. */
export class HeardPeers {
  readonly #byTopic = new Map<TopicHex, Set<PeerInfo>>()
  readonly #topicOf = new Map<PeerInfo, TopicHex>()

  get size(): number {
    return this.#topicOf.size
  }

  add(info: PeerInfo, topic: Uint8Array): void {
    if (this.#topicOf.has(info)) return
    const key = topicHex(topic)
    const peers = this.#byTopic.get(key) ?? new Set()
    this.#byTopic.set(key, peers.add(info))
    this.#topicOf.set(info, key)
  }

  delete(info: PeerInfo): void {
    const key = this.#topicOf.get(info)
    if (key === undefined) return
    this.#topicOf.delete(info)
    const peers = this.#byTopic.get(key)
    peers?.delete(info)
    if (peers?.size === 0) this.#byTopic.delete(key)
  }

  /** Makes it the newest of its topic. */
  requeue(info: PeerInfo): void {
    const key = this.#topicOf.get(info)
    const peers = key === undefined ? undefined : this.#byTopic.get(key)
    if (peers?.delete(info)) peers.add(info)
  }

  /** The oldest peer of `topic`, if that has more than its share, otherwise of the topic with the most peers. */
  oldest(topic: Uint8Array): PeerInfo | undefined {
    const own = this.#byTopic.get(topicHex(topic))
    const share = this.size / this.#byTopic.size
    const peers = own !== undefined && own.size > share ? own : this.#largest()
    return peers?.values().next().value
  }

  #largest(): Set<PeerInfo> | undefined {
    let largest: Set<PeerInfo> | undefined
    for (const peers of this.#byTopic.values()) if (peers.size > (largest?.size ?? 0)) largest = peers
    return largest
  }
}
