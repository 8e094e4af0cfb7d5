import { createCipheriv, createDecipheriv } from 'node:crypto'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { DuplexLike } from '@swarmway/proxy-protocol'

const CIPHER = 'aes-256-gcm'
const TAG_BYTES = 16
const NONCE_BYTES = 12
const LENGTH_BYTES = 4
/** Longest record: more than a link writes at once, so that a server that lies makes this one buffer no more. */
const MAX_RECORD_BYTES = 4 * 1024 * 1024
/** Records are closed at this size. */
const RECORD_BYTES = 256 * 1024

/** Pieces of a record that are kept apart: each costs far more memory than a byte that it may hold. */
const MAX_PIECES = 1024

/** Keys of the two directions. */
export interface SealKeys {
  readonly tx: Uint8Array
  readonly rx: Uint8Array
}

/**
 * Encrypts and authenticates everything that goes over a socket, in records: length u32 (little-endian), ciphertext, tag 16.
 * AES-GCM instead of the secret streams of peers: processors have instructions for it, and the link between two servers
 * carries what many clients send.
 */
export class SealedDuplex extends EventEmitter implements DuplexLike {
  /** The key that the other end has proved to hold. */
  readonly remotePublicKey: Uint8Array
  readonly #socket: Socket
  readonly #keys: SealKeys
  #sent = 0
  #received = 0
  #isCorked = false
  #unsent: Uint8Array[] = []
  #unsentBytes = 0
  #unread: Uint8Array[] = []
  #unreadBytes = 0

  constructor(socket: Socket, keys: SealKeys, remotePublicKey: Uint8Array) {
    super()
    this.#socket = socket
    this.#keys = keys
    this.remotePublicKey = remotePublicKey
    socket.on('data', (chunk) => this.#onData(chunk))
    socket.on('drain', () => this.emit('drain'))
    socket.on('end', () => this.emit('end'))
    socket.on('close', () => this.emit('close'))
    socket.on('error', (error) => this.#fail(error))
  }

  get destroyed(): boolean {
    return this.#socket.destroyed
  }

  write(chunk: Uint8Array): boolean {
    this.#unsent.push(chunk)
    this.#unsentBytes += chunk.byteLength
    if (!this.#isCorked || this.#unsentBytes >= RECORD_BYTES) this.#seal()
    return !this.#socket.writableNeedDrain
  }

  end(): void {
    this.#seal()
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  cork(): void {
    this.#isCorked = true
  }

  uncork(): void {
    this.#isCorked = false
    this.#seal()
  }

  #seal(): void {
    if (this.#unsentBytes === 0 || this.#socket.destroyed) return
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt32LE(this.#unsentBytes)
    const cipher = createCipheriv(CIPHER, this.#keys.tx, nonce(this.#sent++)).setAAD(length)
    this.#socket.cork()
    this.#socket.write(length)
    for (const chunk of this.#unsent) this.#socket.write(cipher.update(chunk))
    cipher.final()
    this.#socket.write(cipher.getAuthTag())
    this.#socket.uncork()
    this.#unsent = []
    this.#unsentBytes = 0
  }

  #onData(chunk: Uint8Array): void {
    this.#unread.push(chunk)
    this.#unreadBytes += chunk.byteLength
    if (this.#unread.length > MAX_PIECES) this.#unread = [Buffer.concat(this.#unread)]
    try {
      while (this.#unreadBytes > LENGTH_BYTES && this.#open());
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  /** Returns whether there was a whole record. */
  #open(): boolean {
    const first = this.#peek()
    const bytes = first.readUInt32LE(0)
    if (bytes === 0 || bytes > MAX_RECORD_BYTES) throw new Error(`a record of ${bytes} bytes`)
    if (this.#unreadBytes < LENGTH_BYTES + bytes + TAG_BYTES) return false
    const [length] = this.#take(LENGTH_BYTES)
    const decipher = createDecipheriv(CIPHER, this.#keys.rx, nonce(this.#received++)).setAAD(length as Uint8Array)
    const plain = this.#take(bytes).map((piece) => decipher.update(piece))
    decipher.setAuthTag(Buffer.concat(this.#take(TAG_BYTES)))
    // Throws if a bit of the record is not as it was sent.
    decipher.final()
    for (const piece of plain) this.emit('data', piece)
    return !this.#socket.destroyed
  }

  /** At least the bytes of a length, in one piece. */
  #peek(): Buffer {
    const [first] = this.#unread
    if (first === undefined || first.byteLength < LENGTH_BYTES) this.#unread = [Buffer.concat(this.#unread)]
    const [whole = new Uint8Array(0)] = this.#unread
    return Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength)
  }

  /** The next bytes, in the pieces in which they came. */
  #take(count: number): Uint8Array[] {
    const taken: Uint8Array[] = []
    this.#unreadBytes -= count
    for (let left = count; left > 0; ) {
      const first = this.#unread[0] as Uint8Array
      if (first.byteLength <= left) {
        taken.push(first)
        this.#unread.shift()
        left -= first.byteLength
      } else {
        taken.push(first.subarray(0, left))
        this.#unread[0] = first.subarray(left)
        left = 0
      }
    }
    return taken
  }

  #fail(error: Error): void {
    this.#socket.destroy()
    if (this.listenerCount('error') > 0) this.emit('error', error)
  }
}

function nonce(counter: number): Buffer {
  const bytes = Buffer.alloc(NONCE_BYTES)
  bytes.writeBigUInt64LE(BigInt(counter))
  return bytes
}
