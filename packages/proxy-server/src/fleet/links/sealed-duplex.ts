import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { DuplexLike } from '@swarmway/proxy-protocol'
import { PieceQueue } from './piece-queue.js'
import { HEAD_BYTES, RecordKey, recordBytes } from './record.js'

/** So much that is sealed is a record. */
const MAX_SEALED_BYTES = 256 * 1024

/** Keys of the two directions. */
export interface SealKeys {
  readonly tx: Uint8Array
  readonly rx: Uint8Array
}

/**
 * Encrypts and authenticates what two servers say to each other over a socket: greetings, requests, and which bytes belong
 * to which stream. The data of streams goes out as it is, because the two clients have encrypted and authenticated it end to
 * end; sealing it once more took half of the link's CPU time.
 */
export class SealedDuplex extends EventEmitter implements DuplexLike {
  /** The key that the other end has proved to hold. */
  readonly remotePublicKey: Uint8Array
  readonly #socket: Socket
  readonly #tx: RecordKey
  readonly #rx: RecordKey
  #isCorked = false
  /** What the next record will have sealed. */
  #text: Uint8Array[] = []
  #textBytes = 0
  #unsent: Uint8Array[] = []
  readonly #unread = new PieceQueue()

  constructor(socket: Socket, keys: SealKeys, remotePublicKey: Uint8Array) {
    super()
    this.#socket = socket
    this.#tx = new RecordKey(keys.tx)
    this.#rx = new RecordKey(keys.rx)
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
    this.#text.push(chunk)
    this.#textBytes += chunk.byteLength
    if (this.#textBytes >= MAX_SEALED_BYTES) this.#seal(null)
    return this.#onAdded()
  }

  /** The chunk goes out as it is. */
  writePayload(chunk: Uint8Array): boolean {
    this.#seal(chunk)
    return this.#onAdded()
  }

  end(): void {
    this.#send()
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
    this.#send()
  }

  #onAdded(): boolean {
    if (!this.#isCorked) this.#send()
    return !this.#socket.writableNeedDrain
  }

  /** Ends the record with these bytes of a stream. */
  #seal(data: Uint8Array | null): void {
    const [first] = this.#text
    const text = this.#text.length === 1 && first !== undefined ? first : Buffer.concat(this.#text, this.#textBytes)
    this.#text = []
    this.#textBytes = 0
    this.#unsent.push(this.#tx.seal(text, data?.byteLength ?? 0))
    if (data !== null) this.#unsent.push(data)
  }

  #send(): void {
    if (this.#textBytes > 0) this.#seal(null)
    const unsent = this.#unsent
    this.#unsent = []
    if (unsent.length === 0 || this.#socket.destroyed) return
    this.#socket.cork()
    for (const piece of unsent) this.#socket.write(piece)
    this.#socket.uncork()
  }

  #onData(chunk: Buffer): void {
    this.#unread.push(chunk)
    try {
      while (this.#next());
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  /** Passes on the next record. Returns whether there was a whole one. */
  #next(): boolean {
    const unread = this.#unread
    if (this.#socket.destroyed || unread.bytes < HEAD_BYTES) return false
    const bytes = recordBytes(unread.peek(HEAD_BYTES))
    if (unread.bytes < bytes) return false
    const record = unread.take(bytes)
    this.#rx.unseal(record)
    this.emit('data', record.subarray(HEAD_BYTES))
    return true
  }

  #fail(error: Error): void {
    this.#socket.destroy()
    if (this.listenerCount('error') > 0) this.emit('error', error)
  }
}
