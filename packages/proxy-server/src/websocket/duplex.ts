import type { Duplex } from 'node:stream'
import type { DuplexLike } from '@swarmway/proxy-protocol'
import type { RawData, WebSocket } from 'ws'
import { goingAway } from '../errors.js'
import { InputGuard } from './input-guard.js'

/** What is written while corked is sent in messages of up to this size, or of one chunk. */
const MESSAGE_BYTES = 256 * 1024
/** Smaller messages are copied behind their header: one write costs less than two that are corked. */
const COPY_BELOW_BYTES = 4 * 1024
/** Bytes in the socket's own buffer above which writes wait. */
const HIGH_WATER_BYTES = 512 * 1024
/** The first byte of a binary message in one frame, and what stands for a length of two bytes and of eight (RFC 6455). */
const BINARY_MESSAGE = 0x82
const TWO_BYTE_LENGTH = 126
const EIGHT_BYTE_LENGTH = 127
/** Close codes of RFC 6455. */
const NORMAL = 1000
const GOING_AWAY = 1001
const UNSUPPORTED_DATA = 1003

type Event = 'data' | 'drain' | 'end' | 'close' | 'error'
type Listener = (...args: unknown[]) => void

/**
 * Wraps a WebSocket of the package `ws` as the byte duplex that a link needs. Message boundaries have no meaning. It
 * is not a Node or streamx stream and has one listener per event, because every idle client holds one and every byte
 * passes through it. The windows of its session bound the memory of a link; it pauses reading if its network sends
 * more than the server reads of one, and code that passes a link to another process pauses it, too.
 */
export class WebSocketDuplex implements DuplexLike {
  destroyed = false
  readonly #socket: WebSocket
  readonly #connection: Duplex
  readonly #listeners: Record<Event, Listener> = {
    data: ignore,
    drain: ignore,
    end: ignore,
    close: ignore,
    error: ignore
  }
  #corked: Uint8Array[] | null = null
  readonly #inputGuard: InputGuard
  #isFull = false
  #isEnding = false

  /** `connection` is the socket below the WebSocket, `maxMessageBytes` the most that the WebSocket accepts. */
  constructor(socket: WebSocket, connection: Duplex, maxMessageBytes: number) {
    this.#socket = socket
    this.#connection = connection
    const onExcess = (what: string) => this.destroy(new Error(what))
    this.#inputGuard = new InputGuard(connection, { maxMessageBytes, onExcess })
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary))
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', (code) => this.#onClose(code))
  }

  on(event: Event, listener: Listener): this {
    this.#listeners[event] = listener
    return this
  }

  removeListener(event: Event, listener: Listener): this {
    if (this.#listeners[event] === listener) this.#listeners[event] = ignore
    return this
  }

  write(chunk: Uint8Array): boolean {
    if (this.#corked === null) this.#send([chunk], chunk.byteLength)
    else this.#corked.push(chunk)
    return !this.#isFull
  }

  /** Delivers bytes that were already read to the current listener. */
  unshift(chunk: Uint8Array): void {
    this.#listeners.data(chunk)
  }

  pause(): void {
    if (!this.destroyed) this.#socket.pause()
  }

  resume(): void {
    if (!this.destroyed) this.#socket.resume()
  }

  cork(): void {
    this.#corked ??= []
  }

  uncork(): void {
    const chunks = this.#corked ?? []
    this.#corked = null
    let message: Uint8Array[] = []
    let bytes = 0
    for (const chunk of chunks) {
      if (bytes > 0 && bytes + chunk.byteLength > MESSAGE_BYTES) {
        this.#send(message, bytes)
        message = []
        bytes = 0
      }
      message.push(chunk)
      bytes += chunk.byteLength
    }
    if (bytes > 0) this.#send(message, bytes)
  }

  limitInput(maxBytes: number | null): void {
    this.#inputGuard.limit(maxBytes)
  }

  end(): void {
    this.#isEnding = true
    this.#socket.close(NORMAL)
    // A paused socket would never see the other end's close frame.
    this.resume()
  }

  destroy(error?: Error): void {
    if (this.destroyed) return
    this.destroyed = true
    this.#socket.terminate()
    if (error !== undefined) this.#listeners.error(error)
    this.#listeners.close()
  }

  /**
   * Sends chunks as one message. `ws` takes a message in one piece only, and a joined one would be a new buffer: see
   * `joinAdjacent`.
   */
  #send(chunks: readonly Uint8Array[], bytes: number): void {
    if (this.destroyed || this.#socket.readyState !== this.#socket.OPEN) return
    const connection = this.#connection
    this.#isFull ||= connection.writableLength + bytes >= HIGH_WATER_BYTES
    if (bytes < COPY_BELOW_BYTES && !this.#isFull) {
      connection.write(joinedMessage(chunks, bytes))
      return
    }
    connection.cork()
    connection.write(messageHeader(bytes))
    for (const chunk of chunks) connection.write(chunk)
    // Failures to send are reported by the socket's 'error' and 'close' events.
    if (this.#isFull) connection.write(NOTHING, () => this.#onSent())
    connection.uncork()
  }

  #onSent(): void {
    if (this.destroyed || !this.#isFull || this.#connection.writableLength >= HIGH_WATER_BYTES) return
    this.#isFull = false
    this.#listeners.drain()
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.destroyed) return
    this.#inputGuard.onMessage((data as Uint8Array).byteLength)
    if (isBinary) this.#listeners.data(data)
    else {
      this.#socket.close(UNSUPPORTED_DATA, 'binary messages only')
      this.destroy(new Error('the other end of the WebSocket sent text'))
    }
  }

  #onClose(code: number): void {
    if (this.destroyed) return
    if (this.#isEnding && code === NORMAL) this.#listeners.end()
    this.destroy(this.#reasonOf(code))
  }

  /** A client that will be back cuts the connection, or closes it with another code. */
  #reasonOf(code: number): Error | undefined {
    if (code === NORMAL || code === GOING_AWAY) return this.#isEnding ? undefined : goingAway(code)
    return new Error(`the WebSocket closed with code ${code}`)
  }
}

const NOTHING = new Uint8Array(0)

/** What comes before the payload of a binary message. A server's are not masked. */
function messageHeader(bytes: number): Uint8Array {
  const header = Buffer.allocUnsafe(headerBytes(bytes))
  writeMessageHeader(header, bytes)
  return header
}

/** A binary message in one piece. */
function joinedMessage(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  let offset = headerBytes(bytes)
  const message = Buffer.allocUnsafe(offset + bytes)
  writeMessageHeader(message, bytes)
  for (const chunk of chunks) {
    message.set(chunk, offset)
    offset += chunk.byteLength
  }
  return message
}

function headerBytes(bytes: number): number {
  if (bytes < TWO_BYTE_LENGTH) return 2
  return bytes < 0x10000 ? 4 : 10
}

function writeMessageHeader(to: Buffer, bytes: number): void {
  to[0] = BINARY_MESSAGE
  if (bytes < TWO_BYTE_LENGTH) to[1] = bytes
  else if (bytes < 0x10000) {
    to[1] = TWO_BYTE_LENGTH
    to.writeUInt16BE(bytes, 2)
  } else {
    to[1] = EIGHT_BYTE_LENGTH
    to.writeUInt32BE(0, 2)
    to.writeUInt32BE(bytes, 6)
  }
}

function ignore(): void {}
