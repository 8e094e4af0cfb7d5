import type { Libsodium } from 'libsodium'
import { type GenericHashFunctions, genericHash } from './generic-hash.js'
import { SharedMemory } from './memory.js'
import { type SecretStreamFunctions, secretStream } from './secret-stream.js'
import { type SignatureFunctions, signatures } from './signatures.js'

/** The frequent or slow functions: bytes of connections and of Hypercores, and signatures. */
export type FastFunctions = SecretStreamFunctions & GenericHashFunctions & SignatureFunctions

/** These functions of sodium by libsodium in WebAssembly. They delegate to `slow` what they cannot do. */
export function fastFunctions(libsodium: Libsodium, slow: FastFunctions): FastFunctions {
  const memory = new SharedMemory(libsodium)
  return {
    ...secretStream(libsodium, memory, slow),
    ...genericHash(libsodium, memory, slow),
    ...signatures(libsodium, memory, slow)
  }
}
