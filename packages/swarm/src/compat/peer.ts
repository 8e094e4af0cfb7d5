import { invalidArgument } from '../errors.js'
import type { Address, DiscoveredPeer } from '../network/dht-node.js'
import { isBytes, KEY_BYTES, publicKeyHex } from '../util/keys.js'

/**
 * A peer as hyperswarm 2 and hyperswarm-proxy describe it.
 * @deprecated Use its `publicKey`, which identifies a peer.
 */
export interface LegacyPeer extends DiscoveredPeer {
  /** The topic that it was found on; null for a peer not found by a lookup. */
  topic: Uint8Array | null
  /** Its address on the local network if it was found there, otherwise its public key in hex. */
  host: string
  /** Its port on the local network, otherwise 0. */
  port: number
  /** Whether it was found on the local network. */
  local: boolean
  /** A DHT node that knows the peer, null if there is none. */
  referrer: Address | null
}

/** Describes a peer found by a lookup. */
export function legacyPeer(found: DiscoveredPeer, topic: Uint8Array | null): LegacyPeer {
  const { publicKey, relayAddresses } = found
  const [first = null] = relayAddresses
  const isLocal = found.local === true
  const known = isLocal && first !== null ? first : { host: publicKeyHex(publicKey), port: 0 }
  const { host, port } = known
  return { publicKey, relayAddresses, topic, host, port, local: isLocal, referrer: isLocal ? null : first }
}

/** The public key of a peer to dial. Throws a `TypeError` unless `peer` comes from a `peer` event or is a key. */
export function publicKeyOf(peer: unknown): Uint8Array {
  const publicKey = typeof peer === 'object' && peer !== null && 'publicKey' in peer ? peer.publicKey : peer
  if (isBytes(publicKey, KEY_BYTES)) return publicKey
  throw invalidArgument('peer', 'a peer from a peer event, or a public key: an address alone cannot be dialled', peer)
}

/** The topic that a peer was found on, if `peer` is an object that names one. */
export function topicOf(peer: unknown): Uint8Array | null {
  const topic = typeof peer === 'object' && peer !== null && 'topic' in peer ? peer.topic : null
  return isBytes(topic, KEY_BYTES) ? topic : null
}
