import b4a from 'b4a'
import sodium from 'sodium-universal'
import { invalidArgument } from '../errors.js'
import { fromZBase32 } from './zbase32.js'

/** An Ed25519 key pair: 32 bytes public, 64 bytes secret. */
export interface KeyPair {
  publicKey: Uint8Array
  secretKey: Uint8Array
}

/** A public key as lower-case hex, the key of the swarm's maps. */
export type PublicKeyHex = string & { readonly __publicKeyHex: true }

/** Length of a public key and of a topic, in bytes. */
export const KEY_BYTES = 32

/** Makes a key pair: always the same one from the same 32-byte `seed`, a random one without. */
export function createKeyPair(seed?: Uint8Array): KeyPair {
  if (seed !== undefined && !isBytes(seed, 32)) throw invalidArgument('seed', 'a Uint8Array of 32 bytes', seed)
  const keyPair = { publicKey: b4a.alloc(KEY_BYTES), secretKey: b4a.alloc(64) }
  if (seed) sodium.crypto_sign_seed_keypair(keyPair.publicKey, keyPair.secretKey, seed)
  else sodium.crypto_sign_keypair(keyPair.publicKey, keyPair.secretKey)
  return keyPair
}

/** Throws a `TypeError` that names `name` unless `key` is 32 bytes. */
export function assertPublicKey(key: unknown, name = 'publicKey'): asserts key is Uint8Array {
  if (!isBytes(key, KEY_BYTES)) throw invalidArgument(name, `a Uint8Array of ${KEY_BYTES} bytes`, key)
}

/** The public key, given as 32 bytes or as text in hex or z-base-32. Throws a `TypeError` for anything else. */
export function publicKeyFrom(key: Uint8Array | string): Uint8Array {
  const bytes = typeof key === 'string' ? keyFromText(key) : key
  if (isBytes(bytes, KEY_BYTES)) return bytes
  throw invalidArgument('publicKey', `${KEY_BYTES} bytes, or as text in hex or z-base-32`, key)
}

function keyFromText(text: string): Uint8Array | null {
  return /^[0-9a-f]{64}$/i.test(text) ? b4a.from(text, 'hex') : fromZBase32(text)
}

export function publicKeyHex(publicKey: Uint8Array): PublicKeyHex {
  return b4a.toString(publicKey, 'hex') as PublicKeyHex
}

export function isBytes(value: unknown, byteLength: number): value is Uint8Array {
  return value instanceof Uint8Array && value.byteLength === byteLength
}

/** A copy in separate memory, so that a long-lived 32 bytes does not keep a packet's buffer alive. */
export function ownCopy(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : copyOf(bytes)
}

/** A copy that the owner of `bytes` cannot change. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = b4a.allocUnsafeSlow(bytes.byteLength)
  copy.set(bytes)
  return copy
}
