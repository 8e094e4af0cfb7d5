import type { TopicLimit } from '../discovery/joined-topics.js'
import type { PeerInfo } from '../peers/peer-info.js'
import { type TopicHex, topicHex } from '../util/topic.js'

/** Peers whose topics are all at their limits, by topic: when there is room, only as many as fit are looked at. */
export class LimitedPeers {
  readonly #byTopic = new Map<TopicHex, { topic: Uint8Array; peers: Set<PeerInfo> }>()
  readonly #topicsOf = new Map<PeerInfo, readonly TopicHex[]>()

  add(info: PeerInfo, topics: readonly TopicLimit[]): void {
    this.delete(info)
    this.#topicsOf.set(
      info,
      topics.map(({ topic }) => topicHex(topic))
    )
    for (const { topic } of topics) {
      const key = topicHex(topic)
      const known = this.#byTopic.get(key) ?? { topic, peers: new Set() }
      known.peers.add(info)
      this.#byTopic.set(key, known)
    }
  }

  delete(info: PeerInfo): void {
    for (const key of this.#topicsOf.get(info) ?? []) {
      const known = this.#byTopic.get(key)
      known?.peers.delete(info)
      if (known?.peers.size === 0) this.#byTopic.delete(key)
    }
    this.#topicsOf.delete(info)
  }

  /** Removes and returns as many peers as there is room for; `roomOn` is how many more a topic may have. */
  take(roomOn: (topic: Uint8Array) => number): PeerInfo[] {
    const taken: PeerInfo[] = []
    for (const { peers, topic } of [...this.#byTopic.values()]) {
      let room = roomOn(topic)
      for (const info of peers) {
        if (room-- <= 0) break
        this.delete(info)
        taken.push(info)
      }
    }
    return taken
  }

  /** Removes and returns all peers of a topic. */
  takeAll(topic: Uint8Array): PeerInfo[] {
    const taken = [...(this.#byTopic.get(topicHex(topic))?.peers ?? [])]
    for (const info of taken) this.delete(info)
    return taken
  }

  clear(): void {
    this.#byTopic.clear()
    this.#topicsOf.clear()
  }
}
