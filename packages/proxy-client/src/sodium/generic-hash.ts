import type { Libsodium } from 'libsodium'
import type { Sodium } from 'sodium-universal'
import type { SharedMemory } from './memory.js'

/** Input is passed over in pieces of this size. */
const CHUNK_BYTES = 64 * 1024

/** Offsets in the reserved memory; the state comes first. */
const KEY_AT = 448
const CHUNK_AT = 512

export type GenericHashFunctions = Pick<Sodium, 'crypto_generichash' | 'crypto_generichash_batch'>

/** BLAKE2b by libsodium; unusual calls, and their errors, are left to `slow`. */
export function genericHash(
  libsodium: Libsodium,
  memory: SharedMemory,
  slow: GenericHashFunctions
): GenericHashFunctions {
  function update(at: number, input: Uint8Array): void {
    for (let offset = 0; offset < input.byteLength; offset += CHUNK_BYTES) {
      const chunk = input.subarray(offset, offset + CHUNK_BYTES)
      memory.write(at + CHUNK_AT, chunk)
      libsodium._crypto_generichash_update(at, at + CHUNK_AT, chunk.byteLength, 0)
    }
  }

  function batch(out: Uint8Array, inputs: readonly Uint8Array[], key?: Uint8Array | null): void {
    const isUsual = isSize(out) && (key == null || isSize(key)) && inputs.every((input) => input instanceof Uint8Array)
    const at = isUsual ? memory.reserve(CHUNK_AT + CHUNK_BYTES) : 0
    if (at === 0) {
      slow.crypto_generichash_batch(out, inputs, key)
      return
    }
    if (key != null) memory.write(at + KEY_AT, key)
    libsodium._crypto_generichash_init(at, at + KEY_AT, key?.byteLength ?? 0, out.byteLength)
    for (const input of inputs) update(at, input)
    libsodium._crypto_generichash_final(at, at + KEY_AT, out.byteLength)
    memory.read(at + KEY_AT, out)
  }

  return {
    crypto_generichash: (out, input, key) => batch(out, [input], key),
    crypto_generichash_batch: batch
  }
}

/** Of keys and hashes. */
function isSize(bytes: Uint8Array): boolean {
  return bytes instanceof Uint8Array && bytes.byteLength >= 16 && bytes.byteLength <= 64
}
