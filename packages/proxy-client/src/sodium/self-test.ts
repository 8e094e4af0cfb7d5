import b4a from 'b4a'
import type { FastFunctions } from './functions.js'

/** More than one block of each algorithm, and not a whole number of them. */
const MESSAGE_BYTES = 333

/**
 * Whether two implementations make the same of the same bytes. Asked before one takes the other's place in the middle of
 * everything: a libsodium that is built in another way must not cost an application its connections.
 */
export function agrees(a: FastFunctions, b: FastFunctions): boolean {
  return b4a.equals(product(a, b), product(b, a))
}

/** What one makes of a message, and the other of that. Throws if the other refuses it. */
function product(one: FastFunctions, other: FastFunctions): Uint8Array {
  const message = b4a.alloc(MESSAGE_BYTES, 7)
  const [near, far, tag] = [b4a.alloc(52, 1), b4a.alloc(52, 1), b4a.alloc(1)]
  const [cipher, plain] = [b4a.alloc(MESSAGE_BYTES + 17), b4a.alloc(MESSAGE_BYTES)]
  one.crypto_secretstream_xchacha20poly1305_push(near, cipher, message, null, tag)
  other.crypto_secretstream_xchacha20poly1305_pull(far, plain, tag, cipher, null)
  const [publicKey, secretKey, signature] = [b4a.alloc(32), b4a.alloc(64), b4a.alloc(64)]
  one.crypto_sign_seed_keypair(publicKey, secretKey, b4a.alloc(32, 3))
  one.crypto_sign_detached(signature, message, secretKey)
  const isValid = other.crypto_sign_verify_detached(signature, message, publicKey)
  if (!isValid) throw new Error('the signature was refused')
  const hash = b4a.alloc(64)
  one.crypto_generichash_batch(hash, [near, far, cipher, plain, secretKey, signature], b4a.alloc(32, 2))
  return hash
}
