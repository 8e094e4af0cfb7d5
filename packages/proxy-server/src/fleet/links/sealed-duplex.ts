import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { DuplexLike } from '@swarmway/proxy-protocol'
import { sodium } from '../native.js'
import { PieceQueue } from './piece-queue.js'
import { decodeHeader, encodeHeader, headerBytes, MAX_PARTS, type Part, RECORD_BYTES } from './record.js'

const TAG_BYTES = 16
const NONCE_BYTES = 12

/** Keys of the two directions. */
export interface SealKeys {
  readonly tx: Uint8Array
  readonly rx: Uint8Array
}

/**
 * Encrypts and authenticates what two servers say to each other over a socket: greetings, requests, and which bytes belong
 * to which stream. The data of streams goes out as it is, because the two clients have encrypted and authenticated it end to
 * end; sealing it once more took half of the link's CPU time. In records, whose header is authenticated, too:
 *
 *     header, ciphertext, tag 16, open bytes
 *
 * What is sealed is some hundred bytes. ChaCha20-Poly1305 of libsodium does that in a fourth of the time in which OpenSSL sets
 * up AES-GCM. What is written while corked becomes one record.
 */
export class SealedDuplex extends EventEmitter implements DuplexLike {
  /** The key that the other end has proved to hold. */
  readonly remotePublicKey: Uint8Array
  readonly #socket: Socket
  readonly #keys: SealKeys
  #sent = 0
  #received = 0
  #isCorked = false
  #unsent = new UnsentRecord()
  readonly #unread = new PieceQueue()
  /** What the present record has sealed, and the parts of it that are still to be passed on. */
  #plain = new PieceQueue()
  #parts: Part[] = []
  /** Open bytes of the present part that are still to come. */
  #openLeft = 0

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
    this.#unsent.addSealed(chunk)
    return this.#onAdded()
  }

  /** The chunk goes out as it is. */
  writePayload(chunk: Uint8Array): boolean {
    this.#unsent.addOpen(chunk)
    return this.#onAdded()
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

  #onAdded(): boolean {
    if (!this.#isCorked || this.#unsent.isFull) this.#seal()
    return !this.#socket.writableNeedDrain
  }

  #seal(): void {
    const { open, parts, sealed } = this.#unsent
    if (parts.length === 0 || this.#socket.destroyed) return
    this.#unsent = new UnsentRecord()
    const record = this.#sealedRecord(encodeHeader(parts), Buffer.concat(sealed))
    this.#socket.cork()
    this.#socket.write(record)
    for (const chunk of open) this.#socket.write(chunk)
    this.#socket.uncork()
  }

  #sealedRecord(header: Buffer, text: Buffer): Buffer {
    const size = header.byteLength
    const record = Buffer.concat([header], size + text.byteLength + TAG_BYTES)
    const ciphertext = record.subarray(size)
    sodium.crypto_aead_chacha20poly1305_ietf_encrypt(ciphertext, text, header, null, nonce(this.#sent++), this.#keys.tx)
    return record
  }

  #onData(chunk: Uint8Array): void {
    this.#unread.push(chunk)
    try {
      while (this.#next());
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  /** Passes on the next piece of a record. Returns whether more may follow. */
  #next(): boolean {
    if (this.#socket.destroyed) return false
    if (this.#openLeft > 0) return this.#passOpen()
    const part = this.#parts.shift()
    if (part === undefined) return this.#unseal()
    this.#openLeft = part.openBytes
    this.#pass(this.#plain.take(part.sealedBytes))
    return true
  }

  #passOpen(): boolean {
    const count = Math.min(this.#openLeft, this.#unread.bytes)
    this.#openLeft -= count
    this.#pass(this.#unread.take(count))
    return count > 0
  }

  #pass(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.emit('data', piece)
  }

  /** Returns whether there was a whole sealed part. */
  #unseal(): boolean {
    const unread = this.#unread
    const size = unread.bytes === 0 ? 0 : headerBytes(unread.peek(1))
    if (size === 0 || unread.bytes < size) return false
    const { parts, sealedBytes } = decodeHeader(unread.peek(size))
    if (unread.bytes < size + sealedBytes + TAG_BYTES) return false
    const header = Buffer.concat(unread.take(size))
    const ciphertext = Buffer.concat(unread.take(sealedBytes + TAG_BYTES))
    const text = Buffer.allocUnsafe(sealedBytes)
    // Throws if a bit of the record is not as it was sent.
    sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
      text,
      null,
      ciphertext,
      header,
      nonce(this.#received++),
      this.#keys.rx
    )
    if (sealedBytes > 0) this.#plain.push(text)
    this.#parts = parts
    return true
  }

  #fail(error: Error): void {
    this.#socket.destroy()
    if (this.listenerCount('error') > 0) this.emit('error', error)
  }
}

/** What the next record will have. */
class UnsentRecord {
  readonly parts: Part[] = []
  readonly sealed: Uint8Array[] = []
  readonly open: Uint8Array[] = []
  #bytes = 0

  get isFull(): boolean {
    return this.#bytes >= RECORD_BYTES || this.parts.length === MAX_PARTS
  }

  addSealed(chunk: Uint8Array): void {
    const last = this.parts.at(-1)
    const part = last === undefined || last.openBytes > 0 ? this.#addPart() : last
    part.sealedBytes += chunk.byteLength
    this.#bytes += chunk.byteLength
    this.sealed.push(chunk)
  }

  addOpen(chunk: Uint8Array): void {
    const part = this.parts.at(-1) ?? this.#addPart()
    part.openBytes += chunk.byteLength
    this.#bytes += chunk.byteLength
    this.open.push(chunk)
  }

  #addPart(): Part {
    const part = { sealedBytes: 0, openBytes: 0 }
    this.parts.push(part)
    return part
  }
}

function nonce(counter: number): Buffer {
  const bytes = Buffer.alloc(NONCE_BYTES)
  bytes.writeBigUInt64LE(BigInt(counter))
  return bytes
}
