import type { Address } from '../network/dht-node.js'
import { type PublicKeyHex, publicKeyHex } from '../util/keys.js'
import { HeardPeers } from './heard-peers.js'
import { PeerInfo, type PeerInfoOwner } from './peer-info.js'
import { RecentPeers } from './recent-peers.js'

/** Peers that are looked at to find one to forget. */
const MAX_TRIES = 64

/** The peers that the swarm knows, by public key in hex. */
export class PeerTable {
  readonly map = new Map<PublicKeyHex, PeerInfo>()
  readonly #owner: PeerInfoOwner
  readonly #heard = new HeardPeers()
  readonly #recent: RecentPeers

  constructor(owner: PeerInfoOwner) {
    this.#owner = owner
    this.#recent = new RecentPeers(owner.clock)
  }

  get(publicKey: Uint8Array): PeerInfo | undefined {
    return this.map.get(publicKeyHex(publicKey))
  }

  /** Whether the application has ended its last connection for good, a while ago at most. */
  isQuiet(publicKey: Uint8Array): boolean {
    const key = publicKeyHex(publicKey)
    const info = this.map.get(key) ?? this.#recent.get(key)
    return info?.quiet === true && !info.explicit
  }

  /** The peer's record, created if there is none; newer relay addresses replace older ones. */
  upsert(publicKey: Uint8Array, relayAddresses: Address[] | null = null): PeerInfo {
    const key = publicKeyHex(publicKey)
    const known = this.map.get(key)
    if (known !== undefined) {
      if (relayAddresses !== null) known.relayAddresses = relayAddresses
      return known
    }
    const info = this.#recall(key, relayAddresses) ?? new PeerInfo(this.#owner, publicKey, relayAddresses)
    this.map.set(info.key, info)
    return info
  }

  /** A peer that was released lately, with what it was found out about it but its topics, which may have changed. */
  #recall(key: PublicKeyHex, relayAddresses: Address[] | null): PeerInfo | undefined {
    const info = this.#recent.take(key)
    if (info === undefined) return undefined
    info.topics.length = 0
    if (relayAddresses !== null) info.relayAddresses = relayAddresses
    return info
  }

  /** The peer was found on `topic`, so it is kept until there are too many of its kind; see `surplus`. */
  hear(info: PeerInfo, topic: Uint8Array): void {
    this.#heard.add(info, topic)
  }

  /**
   * A peer to forget if more than `most` were found without any further reason to keep them: the oldest of the topic
   * that has the most, so that a flood of one topic costs that topic only. Null if none was found in a few tries. A peer
   * in use gets another turn.
   */
  surplus(topic: Uint8Array, most: number, isInUse: (info: PeerInfo) => boolean): PeerInfo | null {
    for (let tries = MAX_TRIES; tries > 0 && this.#heard.size > most; tries--) {
      const info = this.#heard.oldest(topic)
      if (info === undefined) return null
      if (!info.proven && !info.explicit && !isInUse(info)) return info
      if (info.proven || info.explicit) this.#heard.delete(info)
      else this.#heard.requeue(info)
    }
    return null
  }

  /** Forgets a peer. */
  delete(info: PeerInfo): void {
    this.#heard.delete(info)
    // It may have been forgotten and found again since.
    if (this.map.get(info.key) === info) this.map.delete(info.key)
  }

  /**
   * Forgets a peer that nothing holds: strangers that were refused or have left cost no memory. One that was connected or
   * dialled is remembered for a while; see {@link RecentPeers}.
   */
  release(info: PeerInfo, isConnected: boolean): void {
    if (isConnected || info.banned || info.queued || info.waiting || info.explicit || info.parked) return
    if (info.lostForMs !== null && this.map.get(info.key) === info) this.#recent.add(info.key, info)
    this.delete(info)
  }
}
