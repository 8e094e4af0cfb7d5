/** A page that encrypts and decrypts as a connection does. */
import sodium from 'sodium-universal'
import { hastenSodium } from '../../packages/proxy-client/src/sodium/browser.ts'
import type { TabCalls } from '../lib/tab.ts'

const OVERHEAD_BYTES = 17
const STATE_BYTES = 52
const KEY_BYTES = 32

/** What to measure. */
export interface CryptoParams {
  /** Of each message. */
  messageBytes: number
  /** In all. */
  bytes: number
}

const calls: TabCalls = { hasten: hastenSodium, measure }
Object.assign(globalThis, { calls })

/** Milliseconds for encrypting the bytes and decrypting them again. */
function measure({ bytes, messageBytes }: CryptoParams): number {
  const [near, far] = states()
  const [message, tag] = [new Uint8Array(messageBytes), new Uint8Array(1)]
  const cipher = new Uint8Array(messageBytes + OVERHEAD_BYTES)
  const began = performance.now()
  for (let done = 0; done < bytes; done += messageBytes) {
    sodium.crypto_secretstream_xchacha20poly1305_push(near, cipher, message, null, tag)
    sodium.crypto_secretstream_xchacha20poly1305_pull(far, message, tag, cipher, null)
  }
  return performance.now() - began
}

/** Both ends of a stream: a random key and nonce, and the number of the first message. */
function states(): [Uint8Array, Uint8Array] {
  const state = new Uint8Array(STATE_BYTES)
  crypto.getRandomValues(state.subarray(0, KEY_BYTES))
  state[KEY_BYTES] = 1
  return [state, state.slice()]
}
