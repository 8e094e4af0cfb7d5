import type { Duplex } from 'node:stream'
import type { DuplexLike } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import type { RawData, WebSocket } from 'ws'
import { goingAway } from '../errors.js'
import { InputGuard } from './input-guard.js'

/** Small writes are combined into messages of up to this size. */
const MESSAGE_BYTES = 256 * 1024
/** Bytes in the socket's own buffer above which writes wait. */
const HIGH_WATER_BYTES = 512 * 1024
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
  readonly #listeners: Record<Event, Listener> = {
    data: ignore,
    drain: ignore,
    end: ignore,
    close: ignore,
    error: ignore
  }
  #corked: Uint8Array[] | null = null
  readonly #inputGuard: InputGuard | null
  #isFull = false
  #isEnding = false

  /**
   * `connection` is the socket below the WebSocket; without it, `limitInput` has no effect. `maxMessageBytes` is the most
   * that the WebSocket accepts.
   */
  constructor(socket: WebSocket, connection: Duplex | null = null, maxMessageBytes = 0) {
    this.#socket = socket
    const onExcess = (what: string) => this.destroy(new Error(what))
    this.#inputGuard = connection && new InputGuard(connection, { maxMessageBytes, onExcess })
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
    if (this.#corked === null) this.#send(chunk)
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
    for (const message of messages(chunks)) this.#send(message)
  }

  limitInput(maxBytes: number | null): void {
    this.#inputGuard?.limit(maxBytes)
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

  #send(message: Uint8Array): void {
    if (this.destroyed) return
    this.#isFull ||= this.#socket.bufferedAmount + message.byteLength >= HIGH_WATER_BYTES
    // Failures to send are reported by the socket's 'error' and 'close' events.
    if (this.#isFull) this.#socket.send(message, OPTIONS, () => this.#onSent())
    else this.#socket.send(message, OPTIONS)
  }

  #onSent(): void {
    if (this.destroyed || !this.#isFull || this.#socket.bufferedAmount >= HIGH_WATER_BYTES) return
    this.#isFull = false
    this.#listeners.drain()
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.destroyed) return
    this.#inputGuard?.onMessage((data as Uint8Array).byteLength)
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

const OPTIONS = { binary: true, compress: false }

/** Combines chunks into messages. */
function messages(chunks: readonly Uint8Array[]): Uint8Array[] {
  const groups: Uint8Array[][] = []
  let bytes = MESSAGE_BYTES
  for (const chunk of chunks) {
    if (bytes + chunk.byteLength > MESSAGE_BYTES) {
      groups.push([])
      bytes = 0
    }
    groups.at(-1)?.push(chunk)
    bytes += chunk.byteLength
  }
  return groups.map((group) => (group.length === 1 ? (group[0] as Uint8Array) : b4a.concat(group)))
}

function ignore(): void {}
