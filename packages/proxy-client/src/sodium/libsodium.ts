import load, { type Libsodium } from 'libsodium'
import { genericHash } from './generic-hash.js'
import { SharedMemory } from './memory.js'
import { secretStream } from './secret-stream.js'
import { agrees, type FastFunctions } from './self-test.js'
import { signatures } from './signatures.js'
import { simdSecretStream } from './simd/secret-stream.js'

/**
 * The fastest functions in WebAssembly that do the same as `slow`, null if none do. They delegate to `slow` what they cannot do.
 * Rejects where WebAssembly is forbidden.
 */
export async function fastestFunctions(slow: FastFunctions): Promise<FastFunctions | null> {
  const fast = fastFunctions(await load(), slow)
  // Old browsers have no vectors.
  const faster = await simdSecretStream(fast).catch(() => null)
  return [{ ...fast, ...faster }, fast].find((functions) => agrees(functions, slow)) ?? null
}

/** These functions of sodium by libsodium in WebAssembly. They delegate to `slow` what they cannot do. */
export function fastFunctions(libsodium: Libsodium, slow: FastFunctions): FastFunctions {
  const memory = new SharedMemory(libsodium)
  return {
    ...secretStream(libsodium, memory, slow),
    ...genericHash(libsodium, memory, slow),
    ...signatures(libsodium, memory, slow)
  }
}
