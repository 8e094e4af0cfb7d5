/**
 * The untyped packages of this server, in one place. They are CommonJS; `require` avoids ambient declarations, which
 * would clash with those that other packages declare for other parts of them.
 */
import { createRequire } from 'node:module'
import { SIGN_KIND, type SignBody } from '@swarmway/proxy-protocol'
import type { DhtPeer, HyperDht, NoisePayload } from './hyperdht.js'

const require = createRequire(import.meta.url)

interface Codec<T> {
  readonly __value: T
}

/** Creates DHT nodes. */
export const HyperDHT = require('hyperdht') as new (options: object) => HyperDht

/** What a node is asked to store or to delete, as HyperDHT encodes it. */
export interface AnnounceRecord {
  peer: DhtPeer
  refresh: null
  signature: Uint8Array
}

/** Composes what is signed; `sign` gets it. */
type ComposeSigned = (
  target: Uint8Array,
  token: Uint8Array,
  nodeId: Uint8Array,
  record: Omit<AnnounceRecord, 'signature'>,
  key: { sign(message: Uint8Array): Uint8Array }
) => Uint8Array

const { announce, noisePayload } = require('hyperdht/lib/messages.js') as {
  announce: Codec<AnnounceRecord>
  noisePayload: Codec<NoisePayload>
}

/** HyperDHT's numbers of commands. */
export const { COMMANDS } = require('hyperdht/lib/constants.js') as {
  COMMANDS: { readonly ANNOUNCE: number; readonly UNANNOUNCE: number }
}

const { signAnnounce, signUnannounce, verifyMutable } = require('hyperdht/lib/persistent.js') as {
  signAnnounce: ComposeSigned
  signUnannounce: ComposeSigned
  verifyMutable(signature: Uint8Array, seq: number, value: Uint8Array, publicKey: Uint8Array): boolean
}

export { verifyMutable }

const encoding = require('compact-encoding') as {
  encode<T>(codec: Codec<T>, value: T): Uint8Array
  decode<T>(codec: Codec<T>, bytes: Uint8Array): T
}

const sodium = require('sodium-universal') as {
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  crypto_generichash(out: Uint8Array, input: Uint8Array): void
}

/** Encodes a handshake payload as HyperDHT does. */
export function encodePayload(payload: NoisePayload): Uint8Array {
  return encoding.encode(noisePayload, payload)
}

/** Decodes a handshake payload and ignores what follows it. @throws Error of any kind on invalid bytes */
export function decodePayload(bytes: Uint8Array): NoisePayload {
  return encoding.decode(noisePayload, bytes)
}

/** Encodes a record for a node as HyperDHT does. */
export function encodeAnnounce(record: AnnounceRecord): Uint8Array {
  return encoding.encode(announce, record)
}

/** The message that the holder of a key signs for a node to store or delete its announcement. */
export function announceMessage({ kind, nodeId, publicKey, relayAddresses, target, token }: SignBody): Uint8Array {
  const compose = kind === SIGN_KIND.ANNOUNCE ? signAnnounce : signUnannounce
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
