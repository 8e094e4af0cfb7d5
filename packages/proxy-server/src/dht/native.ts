/** What the server uses of HyperDHT and sodium, in one place, with the types that it has for them. */
import { SIGN_KIND, type SignBody } from '@swarmway/proxy-protocol'
import encoding from 'compact-encoding'
import Dht from 'hyperdht'
import constants from 'hyperdht/lib/constants.js'
import messages from 'hyperdht/lib/messages.js'
import persistent from 'hyperdht/lib/persistent.js'
import sodium from 'sodium-universal'
import type { DhtPeer, HyperDht, NoisePayload } from './hyperdht.js'

/** Creates DHT nodes. */
export const HyperDHT = Dht as unknown as new (options: object) => HyperDht

/** What a node is asked to store or to delete, as HyperDHT encodes it. */
export interface AnnounceRecord {
  peer: DhtPeer
  refresh: null
  signature: Uint8Array
}

/** HyperDHT's numbers of commands. */
export const { COMMANDS } = constants

export const { verifyMutable } = persistent

/** Encodes a handshake payload as HyperDHT does. */
export function encodePayload(payload: NoisePayload): Uint8Array {
  return encoding.encode(messages.noisePayload, payload)
}

/** Decodes a handshake payload and ignores what follows it. @throws Error of any kind on invalid bytes */
export function decodePayload(bytes: Uint8Array): NoisePayload {
  return encoding.decode(messages.noisePayload, bytes) as NoisePayload
}

/** Encodes a record for a node as HyperDHT does. */
export function encodeAnnounce(record: AnnounceRecord): Uint8Array {
  return encoding.encode(messages.announce, record)
}

/** The message that the holder of a key signs for a node to store or delete its announcement. */
export function announceMessage({ kind, nodeId, publicKey, relayAddresses, target, token }: SignBody): Uint8Array {
  const compose = kind === SIGN_KIND.ANNOUNCE ? persistent.signAnnounce : persistent.signUnannounce
  const record = { peer: { publicKey, relayAddresses }, refresh: null }
  return compose(target, token, nodeId, record, { sign: (message) => message })
}

/** Whether `signature` is the Ed25519 signature over `message` by the holder of `publicKey`. */
export function verifySignature(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return sodium.crypto_sign_verify_detached(signature, message, publicKey)
}

/** BLAKE2b-256: the place in the DHT where a key is announced. */
export function hashOf(bytes: Uint8Array): Uint8Array {
  const hash = new Uint8Array(32)
  sodium.crypto_generichash(hash, bytes)
  return hash
}
