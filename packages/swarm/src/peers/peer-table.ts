import type { Address } from '../network/dht-node.js'
import { type PublicKeyHex, publicKeyHex } from '../util/keys.js'
import { PeerInfo, type PeerInfoOwner } from './peer-info.js'

/** The peers that the swarm knows, by public key in hex. */
export class PeerTable {
  readonly map = new Map<PublicKeyHex, PeerInfo>()
  readonly #owner: PeerInfoOwner

  constructor(owner: PeerInfoOwner) {
    this.#owner = owner
  }

  get(publicKey: Uint8Array): PeerInfo | undefined {
    return this.map.get(publicKeyHex(publicKey))
  }

  /** The peer's record, created if there is none; newer relay addresses replace older ones. */
  upsert(publicKey: Uint8Array, relayAddresses: Address[] | null = null): PeerInfo {
    const key = publicKeyHex(publicKey)
    const known = this.map.get(key)
    if (known !== undefined) {
      if (relayAddresses !== null) known.relayAddresses = relayAddresses
      return known
    }
    const info = new PeerInfo(this.#owner, publicKey, relayAddresses)
    this.map.set(key, info)
    return info
  }

  /** Forgets a peer that nothing holds: strangers that were refused or have left cost no memory. */
  release(info: PeerInfo, isConnected: boolean): void {
    if (isConnected || info.banned || info.queued || info.waiting || info.explicit || info.parked) return
    // It may have been forgotten and found again since.
    if (this.get(info.publicKey) === info) this.map.delete(publicKeyHex(info.publicKey))
  }
}
