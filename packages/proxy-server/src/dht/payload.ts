import { isSendable } from '@swarmway/swarm/hyperdht'
import { connectionFailed } from '../errors.js'
import type { AddressPolicy } from './addresses.js'
import type { DhtAddress, DhtHandshakeResult, NoisePayload } from './hyperdht.js'
import { decodePayload } from './native.js'

/** Most addresses, and most relays, of a payload that are looked at. Honest peers send a few. */
const MAX_PAYLOAD_ADDRESSES = 32

/**
 * The payload that a client has read from a handshake, as far as the server will act on it. The client can make it
 * up. So it loses all addresses that cannot or may not be contacted, and what concerns others: relay addresses would go into a
 * cache that all clients' dials share, and a relay would be dialled by the server in its own name.
 */
export function readPayload(bytes: Uint8Array, addresses: AddressPolicy): NoisePayload {
  const payload = decode(bytes)
  const mayContact = (address: DhtAddress) => isSendable(address) && addresses.mayContact(address.host)
  payload.addresses4 = payload.addresses4.filter(mayContact).slice(0, MAX_PAYLOAD_ADDRESSES)
  payload.addresses6 = []
  payload.relayThrough = null
  payload.relayAddresses = null
  if (payload.holepunch !== null) {
    payload.holepunch.relays = payload.holepunch.relays
      .filter(({ relayAddress, peerAddress }) => mayContact(relayAddress) && mayContact(peerAddress))
      .slice(0, MAX_PAYLOAD_ADDRESSES)
  }
  return payload
}

/** What HyperDHT wants to know at the end; the session keys stay at the client. */
export function handshakeResult(
  isInitiator: boolean,
  publicKey: Uint8Array,
  remotePublicKey: Uint8Array | null,
  holepunchSecret: Uint8Array
): DhtHandshakeResult {
  const none = new Uint8Array(32)
  return { isInitiator, publicKey, remotePublicKey, holepunchSecret, hash: none, rx: none, tx: none }
}

function decode(bytes: Uint8Array): NoisePayload {
  try {
    return decodePayload(bytes)
  } catch (error) {
    throw connectionFailed('the payload of a handshake could not be read', error)
  }
}
