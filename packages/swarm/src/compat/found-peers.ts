import type { PeerVerdict } from '../swarm/swarm-types.js'
import { type PublicKeyHex, publicKeyHex } from '../util/keys.js'
import { type TopicHex, topicHex } from '../util/topic.js'

/** The verdicts on the peers of each topic since its last refresh, so that each peer is reported once. */
export class FoundPeers {
  readonly #verdicts = new Map<TopicHex, Map<PublicKeyHex, PeerVerdict>>()

  /** The verdict on the peer; calls `judge` for it if there is none yet. */
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
