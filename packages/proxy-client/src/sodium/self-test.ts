import b4a from 'b4a'
import type { GenericHashFunctions } from './generic-hash.js'
import type { SecretStreamFunctions } from './secret-stream.js'
import type { SignatureFunctions } from './signatures.js'

/** The frequent or slow functions: bytes of connections and of Hypercores, and signatures. */
export type FastFunctions = SecretStreamFunctions & GenericHashFunctions & SignatureFunctions

/** More than one block of each algorithm, and not a multiple of a block. */
const MESSAGE_BYTES = 333

/**
 * Whether two implementations give the same results. Checked before one replaces the other while streams are
 * open: a libsodium that was built differently must not cost an application its connections.
 */
export function agrees(a: FastFunctions, b: FastFunctions): boolean {
  try {
    return b4a.equals(product(a, b), product(b, a))
  } catch {
    return false
  }
}

/** Processes a message with one implementation and its output with the other. Throws if the other refuses it. */
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
