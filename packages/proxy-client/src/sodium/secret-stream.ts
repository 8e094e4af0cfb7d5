import type { Libsodium } from 'libsodium'
import type { Sodium } from 'sodium-universal'
import { areBytes, type SharedMemory } from './memory.js'

const STATE_BYTES = 52
/** A tag and an authenticator. */
const OVERHEAD_BYTES = 17

/** Offsets in the reserved memory. */
const TAG_AT = 56
const TEXT_AT = 64

type Push = Pick<Sodium, 'crypto_secretstream_xchacha20poly1305_push'>
type Pull = Pick<Sodium, 'crypto_secretstream_xchacha20poly1305_pull'>

export type SecretStreamFunctions = Push & Pull

/** Secret streams by libsodium; unusual calls, and their errors, are left to `slow`. */
export function secretStream(
  libsodium: Libsodium,
  memory: SharedMemory,
  slow: SecretStreamFunctions
): SecretStreamFunctions {
  return { ...encryption(libsodium, memory, slow), ...decryption(libsodium, memory, slow) }
}

function encryption(libsodium: Libsodium, memory: SharedMemory, slow: Push): Push {
  return {
    crypto_secretstream_xchacha20poly1305_push(state, cipher, message, data, tag) {
      const { byteLength } = message
      const isUsual = data === null && state.byteLength === STATE_BYTES && areBytes(state, cipher, message)
      const fits = cipher.byteLength >= byteLength + OVERHEAD_BYTES
      const at = isUsual && fits ? memory.reserve(TEXT_AT + byteLength + OVERHEAD_BYTES) : 0
      if (at === 0) return slow.crypto_secretstream_xchacha20poly1305_push(state, cipher, message, data, tag)
      const [text, tagByte] = [at + TEXT_AT, typeof tag === 'number' ? tag : (tag[0] ?? 0)]
      memory.write(at, state)
      // Encrypted in place, behind the tag.
      memory.write(text + 1, message)
      libsodium._crypto_secretstream_xchacha20poly1305_push(at, text, 0, text + 1, byteLength, 0, 0, 0, 0, tagByte)
      memory.read(text, cipher, byteLength + OVERHEAD_BYTES)
      memory.read(at, state)
      return byteLength + OVERHEAD_BYTES
    }
  }
}

function decryption(libsodium: Libsodium, memory: SharedMemory, slow: Pull): Pull {
  return {
    crypto_secretstream_xchacha20poly1305_pull(state, message, tag, cipher, data) {
      const { byteLength } = cipher
      const isUsual = data === null && state.byteLength === STATE_BYTES && areBytes(state, cipher, message)
      const fits = byteLength >= OVERHEAD_BYTES && message.byteLength === byteLength - OVERHEAD_BYTES
      const at = isUsual && fits ? memory.reserve(TEXT_AT + byteLength) : 0
      if (at === 0) return slow.crypto_secretstream_xchacha20poly1305_pull(state, message, tag, cipher, data)
      const text = at + TEXT_AT
      memory.write(at, state)
      memory.write(text, cipher)
      const tagAt = at + TAG_AT
      const { _crypto_secretstream_xchacha20poly1305_pull: pull } = libsodium
      if (pull(at, text + 1, 0, tagAt, text, byteLength, 0, 0, 0, 0) !== 0)
        throw new Error('the message is not what the other side has sent')
      memory.read(text + 1, message)
      memory.read(tagAt, tag, 1)
      memory.read(at, state)
      return message.byteLength
    }
  }
}
