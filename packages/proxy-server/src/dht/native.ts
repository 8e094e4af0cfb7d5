/**
 * The untyped packages of this server, in one place. They are CommonJS; `require` avoids ambient declarations, which
 * would clash with those that other packages declare for other parts of them.
 */
import { createRequire } from 'node:module'
import type { HyperDht, NoisePayload } from './hyperdht.js'

const require = createRequire(import.meta.url)

interface Codec<T> {
  readonly __value: T
}

/** Creates DHT nodes. */
export const HyperDHT = require('hyperdht') as new (options: object) => HyperDht

const { noisePayload } = require('hyperdht/lib/messages.js') as { noisePayload: Codec<NoisePayload> }

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
