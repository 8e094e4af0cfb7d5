/**
 * Arguments of the calls of HyperDHT. Its programs are often plain JavaScript, and a bad argument that gets further than
 * the call that names it fails in another place, or in another call.
 */
import { invalidArgument, type KeyPair } from '@swarmway/swarm/core'

/** Throws a `TypeError` with INVALID_ARGUMENT unless `key` is 32 bytes: a topic, a key or a hash. */
export function assertKey(key: unknown, name: string): asserts key is Uint8Array {
  if (!hasLength(key, 32)) throw invalidArgument(name, 'a Uint8Array of 32 bytes', key)
}

/** Throws a `TypeError` with INVALID_ARGUMENT unless `keyPair` is an Ed25519 key pair. */
export function assertKeyPair(keyPair: unknown): asserts keyPair is KeyPair {
  const { publicKey, secretKey } = Object(keyPair) as Partial<Record<keyof KeyPair, unknown>>
  if (hasLength(publicKey, 32) && hasLength(secretKey, 64)) return
  throw invalidArgument('keyPair', 'an object with a publicKey of 32 and a secretKey of 64 bytes', keyPair)
}

/** Throws a `TypeError` with INVALID_ARGUMENT unless `value` is bytes. */
export function assertBytes(value: unknown, name: string): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw invalidArgument(name, 'a Uint8Array', value)
}

/** Throws a `TypeError` with INVALID_ARGUMENT unless `seq` is the number of a version. */
export function assertSeq(seq: unknown): asserts seq is number {
  if (!Number.isSafeInteger(seq) || Number(seq) < 0) throw invalidArgument('seq', 'a whole number from 0', seq)
}

function hasLength(value: unknown, byteLength: number): boolean {
  return value instanceof Uint8Array && value.byteLength === byteLength
}
