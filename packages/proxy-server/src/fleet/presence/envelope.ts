import b4a from 'b4a'
import { sodium } from '../native.js'

const VERSION = 1
const KEY_BYTES = 32
const COUNTER_BYTES = 8
const HEADER_BYTES = 2 + KEY_BYTES + COUNTER_BYTES
const SIGNATURE_BYTES = 64
const U32 = 0x100000000

/** An Ed25519 key pair. */
export interface ServerKeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** A message whose sender is proved. */
export interface OpenedMessage {
  /** The sender's public key in hex. */
  readonly sender: string
  readonly publicKey: Uint8Array
  /** Grows with each message of the sender. */
  readonly counter: number
  readonly number: number
  readonly body: Uint8Array
}

/**
 * Signs and checks messages of servers:
 *
 *     version u8, number u8, sender 32, counter u64, body, signature 64
 *
 * The signature is over a hash that is keyed with the fleet's secret, and names the subject. So a message comes from who it
 * says, belongs to this fleet, and cannot be moved to another subject.
 */
export class Envelopes {
  readonly #keyPair: ServerKeyPair
  readonly #fleetKey: Uint8Array
  #counter = 0

  constructor(keyPair: ServerKeyPair, fleetKey: Uint8Array) {
    this.#keyPair = keyPair
    this.#fleetKey = fleetKey
  }

  seal(subject: string, number: number, body: Uint8Array): Uint8Array {
    const message = b4a.alloc(HEADER_BYTES + body.byteLength + SIGNATURE_BYTES)
    const view = new DataView(message.buffer, message.byteOffset)
    this.#counter++
    message[0] = VERSION
    message[1] = number
    message.set(this.#keyPair.publicKey, 2)
    view.setUint32(2 + KEY_BYTES, Math.floor(this.#counter / U32))
    view.setUint32(2 + KEY_BYTES + 4, this.#counter % U32)
    message.set(body, HEADER_BYTES)
    const signed = message.subarray(0, -SIGNATURE_BYTES)
    sodium.crypto_sign_detached(
      message.subarray(-SIGNATURE_BYTES),
      this.#digest(subject, signed),
      this.#keyPair.secretKey
    )
    return message
  }

  /** Null if it is not a message of a server of this fleet on this subject. */
  open(subject: string, message: Uint8Array): OpenedMessage | null {
    if (message.byteLength < HEADER_BYTES + SIGNATURE_BYTES || message[0] !== VERSION) return null
    const publicKey = b4a.from(message.subarray(2, 2 + KEY_BYTES))
    const signed = message.subarray(0, -SIGNATURE_BYTES)
    const signature = message.subarray(-SIGNATURE_BYTES)
    if (!sodium.crypto_sign_verify_detached(signature, this.#digest(subject, signed), publicKey)) return null
    const view = new DataView(message.buffer, message.byteOffset)
    const counter = view.getUint32(2 + KEY_BYTES) * U32 + view.getUint32(2 + KEY_BYTES + 4)
    const sender = b4a.toString(publicKey, 'hex')
    return { sender, publicKey, counter, number: message[1] ?? 0, body: signed.subarray(HEADER_BYTES) }
  }

  #digest(subject: string, signed: Uint8Array): Uint8Array {
    const digest = b4a.alloc(KEY_BYTES)
    const name = b4a.from(subject)
    sodium.crypto_generichash_batch(digest, [b4a.from([name.byteLength]), name, signed], this.#fleetKey)
    return digest
  }
}

/** A server's key pair, for as long as it runs. */
export function createServerKeyPair(): ServerKeyPair {
  const [publicKey, secretKey] = [b4a.alloc(KEY_BYTES), b4a.alloc(64)]
  sodium.crypto_sign_keypair(publicKey, secretKey)
  return { publicKey, secretKey }
}

/** A hash of 32 bytes, keyed with `key` of 16 to 64 bytes. */
export function keyedHash(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = b4a.alloc(KEY_BYTES)
  sodium.crypto_generichash_batch(hash, parts, key)
  return hash
}

/** What the servers of a fleet have in common, from its secret. */
export function fleetKeyOf(secret = ''): Uint8Array {
  return keyedHash(b4a.from('swarmway fleet of servers v1'), b4a.from(secret))
}
