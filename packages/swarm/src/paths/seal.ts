/**
 * Seals control messages. Each direction of each path has a key of its own, derived from the secret keys of the Noise
 * handshake, so only the peer that the handshake was made with can make or read them, and none fits another path:
 *
 *     key     BLAKE2b-256(key = the sender's transport key, namespace || number of the path, 4 bytes LE)
 *     sealed  counter (8 bytes LE) || XSalsa20-Poly1305 box, with the counter as its nonce
 */
import b4a from 'b4a'
import crypto from 'hypercore-crypto'
import sodium from 'sodium-universal'
import { readUint64, viewOf, writeUint64 } from '../util/little-endian.js'

/** The secret keys that a finished Noise handshake gives both sides. 32 bytes each. */
export interface HandshakeSecrets {
  /** Of what we send: the peer's `rx`. */
  readonly tx: Uint8Array
  /** Of what we receive: the peer's `tx`. */
  readonly rx: Uint8Array
}

const [NS_PATHS, NS_BINDINGS] = crypto.namespace('swarmway/paths', 2) as [Uint8Array, Uint8Array]
const KEY_BYTES = 32
const NONCE_BYTES = 24
const COUNTER_BYTES = 8
/** What a seal adds to a message. */
export const SEAL_BYTES = COUNTER_BYTES + 16

/** Seals and opens the control messages of one path. */
export class PathSeal {
  readonly #sendKey: Uint8Array
  readonly #receiveKey: Uint8Array
  #sent = 0
  #received = 0

  constructor({ tx, rx }: HandshakeSecrets, pathId: number) {
    this.#sendKey = deriveKey(tx, pathId)
    this.#receiveKey = deriveKey(rx, pathId)
  }

  seal(message: Uint8Array): Uint8Array {
    this.#sent++
    const sealed = b4a.allocUnsafe(SEAL_BYTES + message.byteLength)
    const nonce = nonceOf(this.#sent)
    sealed.set(nonce.subarray(0, COUNTER_BYTES))
    sodium.crypto_secretbox_easy(sealed.subarray(COUNTER_BYTES), message, nonce, this.#sendKey)
    return sealed
  }

  /** Null if the peer did not seal it for this path, or if it is not later than those opened before. */
  open(sealed: Uint8Array): Uint8Array | null {
    if (sealed.byteLength < SEAL_BYTES) return null
    const counter = readUint64(sealed, 0)
    if (counter <= this.#received) return null
    const message = b4a.allocUnsafe(sealed.byteLength - SEAL_BYTES)
    const box = sealed.subarray(COUNTER_BYTES)
    if (!sodium.crypto_secretbox_open_easy(message, box, nonceOf(counter), this.#receiveKey)) return null
    this.#received = counter
    return message
  }
}

/**
 * What only somebody can say who knows both `texts` and the transport key of a side of this connection, in hex:
 * BLAKE2b-256(key = that side's transport key, namespace || texts as JSON).
 */
export function bindingOf(secret: Uint8Array, texts: readonly string[]): string {
  return b4a.toString(hashOf(secret, NS_BINDINGS, b4a.from(JSON.stringify(texts))), 'hex')
}

function deriveKey(secret: Uint8Array, pathId: number): Uint8Array {
  const number = b4a.alloc(4)
  viewOf(number).setUint32(0, pathId, true)
  return hashOf(secret, NS_PATHS, number)
}

function hashOf(secret: Uint8Array, namespace: Uint8Array, bytes: Uint8Array): Uint8Array {
  const hash = b4a.allocUnsafeSlow(KEY_BYTES)
  sodium.crypto_generichash_batch(hash, [namespace, bytes], secret.subarray(0, KEY_BYTES))
  return hash
}

function nonceOf(counter: number): Uint8Array {
  const nonce = b4a.alloc(NONCE_BYTES)
  writeUint64(nonce, 0, counter)
  return nonce
}
