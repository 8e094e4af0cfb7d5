import { areBytes } from '../memory.js'
import type { SecretStreamFunctions } from '../secret-stream.js'
import { assemble } from './assembler.js'
import { chacha20, GROUP_BYTES } from './chacha20.js'
import { poly1305 } from './poly1305.js'

const STATE_BYTES = 52
const MAC_BYTES = 16
/** A tag and an authenticator. */
const OVERHEAD_BYTES = 1 + MAC_BYTES
/** Longer messages are left to others, so the memory need not grow. */
export const MAX_MESSAGE_BYTES = 256 * 1024
/** In a tag: new keys follow. */
const REKEY = 2

/** Offsets in a stream's state: a key, a counter of messages, and the rest of the nonce. */
const COUNTER_AT = 32
const NONCE_AT = 36

/** Offsets in the memory: the state of ChaCha20 with its constants, counter of blocks, and nonce. */
const CIPHER_AT = 0
const CIPHER_KEY_AT = 16
const CIPHER_NONCE_AT = 52
const MAC_AT = 64
/** The first block of the key stream is the key of the authenticator, the second one encrypts the tag, the others the text. */
const BLOCKS_AT = 80
const TAG_AT = BLOCKS_AT + 64
const TEXT_AT = BLOCKS_AT + 128
const TEXT_BLOCK = 2
const MEMORY_BYTES = TEXT_AT + MAX_MESSAGE_BYTES + GROUP_BYTES

/** What the module exports. */
export interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer }
  chacha20(at: number, groups: number, counter: number): void
  poly1305(at: number, blocks: number, hasRest: number): void
}

/** What is used of WebAssembly, as no types of the DOM are loaded. */
export interface WebAssemblyScope {
  WebAssembly: { instantiate(code: Uint8Array, imports?: object): Promise<{ instance: { exports: object } }> }
}

/** Secret streams by vectors of WebAssembly; unusual calls are left to `slow`. Rejects where there are no vectors. */
export async function simdSecretStream(slow: SecretStreamFunctions): Promise<SecretStreamFunctions> {
  const code = assemble([chacha20(CIPHER_AT), poly1305(BLOCKS_AT, MAC_AT)], MEMORY_BYTES)
  const { WebAssembly } = globalThis as unknown as WebAssemblyScope
  const { instance } = await WebAssembly.instantiate(code)
  const cipher = new Cipher(instance.exports as Kernel)
  return {
    crypto_secretstream_xchacha20poly1305_push(state, out, message, data, tag) {
      const { byteLength } = message
      const tagByte = typeof tag === 'number' ? tag : (tag[0] ?? 0)
      const fits = data === null && out.byteLength >= byteLength + OVERHEAD_BYTES
      if (!fits || (tagByte & REKEY) !== 0 || !isUsual(state, out, message))
        return slow.crypto_secretstream_xchacha20poly1305_push(state, out, message, data, tag)
      cipher.push(state, out, message, tagByte)
      return byteLength + OVERHEAD_BYTES
    },
    crypto_secretstream_xchacha20poly1305_pull(state, message, tag, sealed, data) {
      const fits = data === null && sealed.byteLength === message.byteLength + OVERHEAD_BYTES
      if (!fits || !isUsual(state, sealed, message) || !cipher.pull(state, message, tag, sealed))
        return slow.crypto_secretstream_xchacha20poly1305_pull(state, message, tag, sealed, data)
      return message.byteLength
    }
  }
}

/** Whether the state stays as it is except for its counter and nonce. */
function isUsual(state: Uint8Array, other: Uint8Array, message: Uint8Array): boolean {
  if (state.byteLength !== STATE_BYTES || message.byteLength > MAX_MESSAGE_BYTES) return false
  return areBytes(state, other, message) && state.subarray(COUNTER_AT, NONCE_AT).some((byte) => byte !== 0xff)
}

class Cipher {
  readonly #kernel: Kernel
  readonly #bytes: Uint8Array

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#bytes = new Uint8Array(kernel.memory.buffer)
    new TextEncoder().encodeInto('expand 32-byte k', this.#bytes)
  }

  push(state: Uint8Array, out: Uint8Array, message: Uint8Array, tag: number): void {
    const bytes = this.#bytes
    this.#begin(state)
    bytes.set(message, TEXT_AT)
    this.#crypt(message.byteLength)
    bytes[TAG_AT] = (bytes[TAG_AT] as number) ^ tag
    this.#authenticate(message.byteLength)
    out[0] = bytes[TAG_AT] as number
    out.set(bytes.subarray(TEXT_AT, TEXT_AT + message.byteLength), 1)
    out.set(bytes.subarray(MAC_AT, MAC_AT + MAC_BYTES), 1 + message.byteLength)
    this.#advance(state)
  }

  /** False if new keys follow, and throws if it is not genuine. Then nothing has changed. */
  pull(state: Uint8Array, message: Uint8Array, tag: Uint8Array, sealed: Uint8Array): boolean {
    const bytes = this.#bytes
    const { byteLength } = message
    this.#begin(state)
    const tagByte = (bytes[TAG_AT] as number) ^ (sealed[0] as number)
    bytes[TAG_AT] = sealed[0] as number
    bytes.set(sealed.subarray(1, 1 + byteLength), TEXT_AT)
    this.#authenticate(byteLength)
    if (!this.#isMac(sealed.subarray(1 + byteLength)))
      throw new Error('the message is not what the other side has sent')
    if ((tagByte & REKEY) !== 0) return false
    this.#crypt(byteLength)
    message.set(bytes.subarray(TEXT_AT, TEXT_AT + byteLength))
    tag[0] = tagByte
    this.#advance(state)
    return true
  }

  /** Puts the first blocks of the key stream in their places. */
  #begin(state: Uint8Array): void {
    const bytes = this.#bytes
    bytes.set(state.subarray(0, COUNTER_AT), CIPHER_KEY_AT)
    bytes.set(state.subarray(COUNTER_AT, NONCE_AT + 8), CIPHER_NONCE_AT)
    bytes.fill(0, BLOCKS_AT, TEXT_AT)
    this.#kernel.chacha20(BLOCKS_AT, 1, 0)
  }

  #crypt(byteLength: number): void {
    if (byteLength > 0) this.#kernel.chacha20(TEXT_AT, Math.ceil(byteLength / GROUP_BYTES), TEXT_BLOCK)
  }

  /** Of the tag's block, the text, and their lengths. libsodium fills up with as many zeros as the last 16 bytes have others. */
  #authenticate(byteLength: number): void {
    const bytes = this.#bytes
    const textEnd = TEXT_AT + byteLength
    const lengthsAt = textEnd + (byteLength % 16)
    const end = lengthsAt + 16
    bytes.fill(0, textEnd, end + 16)
    const total = TEXT_AT - TAG_AT + byteLength
    for (let i = 0; i < 4; i++) bytes[lengthsAt + 8 + i] = total >>> (8 * i)
    bytes[end] = 1
    const size = end - TAG_AT
    this.#kernel.poly1305(TAG_AT, size >>> 4, size % 16)
  }

  #isMac(mac: Uint8Array): boolean {
    let difference = 0
    for (let i = 0; i < MAC_BYTES; i++) difference |= (mac[i] as number) ^ (this.#bytes[MAC_AT + i] as number)
    return difference === 0
  }

  #advance(state: Uint8Array): void {
    for (let i = 0; i < 8; i++)
      state[NONCE_AT + i] = (state[NONCE_AT + i] as number) ^ (this.#bytes[MAC_AT + i] as number)
    let carried = 1
    for (let i = COUNTER_AT; i < NONCE_AT; i++) {
      carried += state[i] as number
      state[i] = carried
      carried >>>= 8
    }
  }
}
