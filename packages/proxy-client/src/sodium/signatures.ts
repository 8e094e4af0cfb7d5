import type { Libsodium } from 'libsodium'
import type { Sodium } from 'sodium-universal'
import { areBytes, type SharedMemory } from './memory.js'

const SIGNATURE_BYTES = 64
const PUBLIC_KEY_BYTES = 32
const SECRET_KEY_BYTES = 64
const SEED_BYTES = 32

/** Offsets in the reserved memory. */
const SIGNATURE_AT = 0
const SECRET_KEY_AT = 64
const PUBLIC_KEY_AT = 128
const SEED_AT = 160
const MESSAGE_AT = 192

type KeyPairs = Pick<Sodium, 'crypto_sign_seed_keypair'>
type Sign = Pick<Sodium, 'crypto_sign_detached'>
type Verify = Pick<Sodium, 'crypto_sign_verify_detached'>

export type SignatureFunctions = KeyPairs & Sign & Verify

/** Ed25519 by libsodium; unusual calls, and their errors, are left to `slow`. */
export function signatures(libsodium: Libsodium, memory: SharedMemory, slow: SignatureFunctions): SignatureFunctions {
  return {
    ...keyPairs(libsodium, memory, slow),
    ...signing(libsodium, memory, slow),
    ...verification(libsodium, memory, slow)
  }
}

function keyPairs(libsodium: Libsodium, memory: SharedMemory, slow: KeyPairs): KeyPairs {
  return {
    crypto_sign_seed_keypair(publicKey, secretKey, seed) {
      const fits = publicKey.byteLength === PUBLIC_KEY_BYTES && secretKey.byteLength === SECRET_KEY_BYTES
      const isUsual = seed.byteLength === SEED_BYTES && areBytes(publicKey, secretKey, seed)
      const at = fits && isUsual ? memory.reserve(MESSAGE_AT) : 0
      if (at === 0) {
        slow.crypto_sign_seed_keypair(publicKey, secretKey, seed)
        return
      }
      memory.write(at + SEED_AT, seed)
      libsodium._crypto_sign_seed_keypair(at + PUBLIC_KEY_AT, at + SECRET_KEY_AT, at + SEED_AT)
      memory.read(at + PUBLIC_KEY_AT, publicKey)
      memory.read(at + SECRET_KEY_AT, secretKey)
    }
  }
}

function signing(libsodium: Libsodium, memory: SharedMemory, slow: Sign): Sign {
  return {
    crypto_sign_detached(signature, message, secretKey) {
      const { byteLength } = message
      const fits = signature.byteLength === SIGNATURE_BYTES && secretKey.byteLength === SECRET_KEY_BYTES
      const at = fits && areBytes(signature, message, secretKey) ? memory.reserve(MESSAGE_AT + byteLength) : 0
      if (at === 0) {
        slow.crypto_sign_detached(signature, message, secretKey)
        return
      }
      memory.write(at + SECRET_KEY_AT, secretKey)
      memory.write(at + MESSAGE_AT, message)
      libsodium._crypto_sign_detached(at + SIGNATURE_AT, 0, at + MESSAGE_AT, byteLength, 0, at + SECRET_KEY_AT)
      memory.read(at + SIGNATURE_AT, signature)
    }
  }
}

function verification(libsodium: Libsodium, memory: SharedMemory, slow: Verify): Verify {
  return {
    crypto_sign_verify_detached(signature, message, publicKey) {
      const { byteLength } = message
      const fits = signature.byteLength === SIGNATURE_BYTES && publicKey.byteLength === PUBLIC_KEY_BYTES
      const at = fits && areBytes(signature, message, publicKey) ? memory.reserve(MESSAGE_AT + byteLength) : 0
      if (at === 0) return slow.crypto_sign_verify_detached(signature, message, publicKey)
      memory.write(at + SIGNATURE_AT, signature)
      memory.write(at + PUBLIC_KEY_AT, publicKey)
      memory.write(at + MESSAGE_AT, message)
      const [signed, key] = [at + SIGNATURE_AT, at + PUBLIC_KEY_AT]
      return libsodium._crypto_sign_verify_detached(signed, at + MESSAGE_AT, byteLength, 0, key) === 0
    }
  }
}
