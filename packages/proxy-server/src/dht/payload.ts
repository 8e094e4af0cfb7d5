import { isSendable } from '@swarmway/swarm/hyperdht'
import { connectionFailed } from '../errors.js'
import type { AddressPolicy } from './addresses.js'
import type { DhtAddress, DhtHandshakeResult, NoisePayload } from './hyperdht.js'
import { decodePayload } from './native.js'

/** The most addresses, and the most relays, read from a payload. Honest peers send a few. */
const MAX_PAYLOAD_ADDRESSES = 32

/**
 * The part of a handshake payload, as read by a client, on which the server acts. The client can make it up, so two
 * things are removed: addresses that cannot or may not be contacted, and anything that affects others. Relay
 * addresses would enter a cache shared by the dials of all clients, and the server would dial a relay under its own
 * identity.
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

/** The result that HyperDHT expects at the end; the session keys stay with the client. */
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
    throw connectionFailed('the handshake payload could not be read', error)
  }
}
