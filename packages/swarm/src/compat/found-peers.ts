import type { PeerVerdict } from '../swarm/swarm-types.js'
import { type PublicKeyHex, publicKeyHex } from '../util/keys.js'
import { type TopicHex, topicHex } from '../util/topic.js'

/** What has been decided about the peers of each topic since its last refresh, so that each is told of once. */
export class FoundPeers {
  readonly #verdicts = new Map<TopicHex, Map<PublicKeyHex, PeerVerdict>>()

  /** The verdict on the peer, which `judge` gives if there is none. */
  verdict(publicKey: Uint8Array, topic: Uint8Array, judge: () => PeerVerdict): PeerVerdict {
    const verdicts = this.#verdicts.get(topicHex(topic)) ?? new Map<PublicKeyHex, PeerVerdict>()
    this.#verdicts.set(topicHex(topic), verdicts)
    const verdict = verdicts.get(publicKeyHex(publicKey)) ?? judge()
    verdicts.set(publicKeyHex(publicKey), verdict)
    return verdict
  }

  forgetTopic(topic: Uint8Array): void {
    this.#verdicts.delete(topicHex(topic))
  }

  forgetPeer(publicKey: Uint8Array): void {
    for (const verdicts of this.#verdicts.values()) verdicts.delete(publicKeyHex(publicKey))
  }
}
