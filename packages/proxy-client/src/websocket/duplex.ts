import b4a from 'b4a'
import { Duplex } from 'streamx'
import type { SocketLike } from './socket.js'

/** Bytes in the socket's own buffer above which writing waits. */
const HIGH_WATER_BYTES = 1024 * 1024
/** How often the buffer is looked at while writing waits: a WebSocket tells nobody when it drains. */
const POLL_MS = 4
const OPEN = 1

type Callback = (error: Error | null) => void

/**
 * A WebSocket as a duplex of bytes. Reading is never paused, which a browser's socket cannot do: what a session holds
 * is bounded by its own windows.
 */
export class WebSocketDuplex extends Duplex {
  readonly #socket: SocketLike
  #opened: Callback | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(socket: SocketLike) {
    super()
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => this.#onOpen(null))
    socket.addEventListener('message', ({ data }) => this.#onMessage(data))
    socket.addEventListener('error', ({ message }) => this.destroy(new Error(message || 'the WebSocket failed')))
    socket.addEventListener('close', ({ code, reason }) => this.#onClose(code, reason))
  }

  override _open(callback: Callback): void {
    if (this.#socket.readyState === OPEN) callback(null)
    else this.#opened = callback
  }

  /** What was written together goes out as one message: each message costs a header and a system call. */
  override _writev(batch: unknown[], callback: Callback): void {
    const [first] = batch as Uint8Array[]
    this.#socket.send(batch.length === 1 && first !== undefined ? first : b4a.concat(batch as Uint8Array[]))
    this.#whenDrained(callback)
  }

  override _final(callback: Callback): void {
    this.#socket.close(1000)
    callback(null)
  }

  override _predestroy(): void {
    this.#onOpen(new Error('the WebSocket was closed'))
  }

  override _destroy(callback: Callback): void {
    clearTimeout(this.#timer)
    this.#socket.close()
    callback(null)
  }

  #whenDrained(callback: Callback): void {
    if (this.#socket.bufferedAmount < HIGH_WATER_BYTES || this.destroying) callback(null)
    else this.#timer = setTimeout(() => this.#whenDrained(callback), POLL_MS)
  }

  #onOpen(error: Error | null): void {
    const opened = this.#opened
    this.#opened = null
    opened?.(error)
  }

  #onMessage(data: unknown): void {
    if (data instanceof ArrayBuffer) this.push(new Uint8Array(data))
    else this.destroy(new Error('the WebSocket delivered text; the server is no proxy server'))
  }

  #onClose(code: number, reason: string): void {
    if (code === 1000) this.push(null)
    else this.destroy(new Error(`the WebSocket closed with ${code}${reason ? `: ${reason}` : ''}`))
  }
}
