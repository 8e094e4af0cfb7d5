import { sodium } from '../native.js'

/**
 * A record of a link between two servers (integers are little-endian):
 *
 *     sealed u32, open u32, tag 16, ciphertext, data
 *
 * Sealed is what the servers say to each other; the data of a stream follows as the client has sent it. The tag covers both
 * lengths and the sealed bytes. They are decrypted where they lie, so that they and the data are one piece of memory.
 */

const LENGTHS_BYTES = 8
const TAG_BYTES = 16
const NONCE_BYTES = 12
const COUNTER_BYTES = 6
/** Longest record: more than a link writes at once, so that a server that lies makes this one buffer no more. */
const MAX_RECORD_BYTES = 4 * 1024 * 1024

/** Bytes of a record before what is sealed. */
export const HEAD_BYTES = LENGTHS_BYTES + TAG_BYTES

/** A key of one direction, and the number of its next record, which is the nonce. */
export class RecordKey {
  readonly #key: Uint8Array
  readonly #nonce = Buffer.alloc(NONCE_BYTES)
  #next = 0

  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** A record up to its data, of which so many bytes follow. */
  seal(text: Uint8Array, openBytes: number): Buffer {
    const record = Buffer.allocUnsafe(HEAD_BYTES + text.byteLength)
    record.writeUInt32LE(text.byteLength, 0)
    record.writeUInt32LE(openBytes, 4)
    const { ciphertext, lengths, tag } = partsOf(record)
    sodium.crypto_aead_chacha20poly1305_ietf_encrypt_detached(
      ciphertext,
      tag,
      text,
      lengths,
      null,
      this.#nextNonce(),
      this.#key
    )
    return record
  }

  /** Decrypts a record in place; it may be longer. @throws Error if a bit of it is not as it was sent */
  unseal(record: Buffer): void {
    const { ciphertext, lengths, tag } = partsOf(record)
    sodium.crypto_aead_chacha20poly1305_ietf_decrypt_detached(
      ciphertext,
      null,
      ciphertext,
      tag,
      lengths,
      this.#nextNonce(),
      this.#key
    )
  }

  #nextNonce(): Buffer {
    this.#nonce.writeUIntLE(this.#next++, 0, COUNTER_BYTES)
    return this.#nonce
  }
}

/** Bytes of the record that begins like this. @throws Error if it is empty or too long */
export function recordBytes(head: Buffer): number {
  const [sealedBytes, openBytes] = [head.readUInt32LE(0), head.readUInt32LE(4)]
  const bytes = sealedBytes + openBytes
  if (bytes > 0 && bytes <= MAX_RECORD_BYTES) return HEAD_BYTES + bytes
  throw new Error(`a record of ${sealedBytes} and ${openBytes} bytes`)
}

function partsOf(record: Buffer): { lengths: Buffer; tag: Buffer; ciphertext: Buffer } {
  return {
    lengths: record.subarray(0, LENGTHS_BYTES),
    tag: record.subarray(LENGTHS_BYTES, HEAD_BYTES),
    ciphertext: record.subarray(HEAD_BYTES, HEAD_BYTES + record.readUInt32LE(0))
  }
}
