import { type DuplexLike, ProxyError, printable } from '@swarmway/proxy-protocol'
import { TypedEmitter } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { MAX_FIRST_BYTES, MAX_MESSAGE_BYTES, messageTooLarge } from '../../websocket/limits.js'
import type { SocketLike } from './socket.js'

/** Bytes in the socket's own buffer above which writing waits. */
const HIGH_WATER_BYTES = 1024 * 1024
/** How often the buffer is looked at while writing waits: a WebSocket tells nobody when it drains. */
const POLL_MS = 4

type DuplexEvents = {
  open: []
  data: [chunk: Uint8Array]
  drain: []
  end: []
  close: []
  error: [error: Error]
  newListener: [event: string | symbol]
}

/**
 * A WebSocket as the duplex of bytes that a link needs, and no more: every byte passes through it, and a whole stream
 * costs a good part of a small message's round trip. Reading is never paused, which a browser's socket cannot do: what
 * a session holds is bounded by its own windows.
 */
export class WebSocketDuplex extends TypedEmitter<DuplexEvents> implements DuplexLike {
  destroyed = false
  readonly #socket: SocketLike
  #corked: Uint8Array[] | null = null
  /** Bytes that the next message may have. Until the first one is there, the server is a stranger. */
  #maxBytes = MAX_FIRST_BYTES
  /** What came before anybody listened: a server may refuse a client before it has said a word. */
  #early: Uint8Array[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(socket: SocketLike) {
    super()
    this.#socket = socket
    this.on('newListener', (event) => {
      // Not at once: the event comes before the listener is there, and its owner has not finished setting up.
      if (event === 'data' && this.#early.length > 0) queueMicrotask(() => this.#deliverEarly())
    })
    socket.addEventListener('open', () => this.emit('open'))
    socket.addEventListener('message', ({ data }) => this.#onMessage(data))
    socket.addEventListener('error', (event) => this.destroy(reasonOf(event)))
    socket.addEventListener('close', ({ code, reason }) => this.#onClose(code, reason))
  }

  write(chunk: Uint8Array): boolean {
    if (this.#corked === null) this.#send(chunk)
    else this.#corked.push(chunk)
    return this.#timer === undefined
  }

  /** What is written until `uncork` goes out as one message: each message costs a header and a system call. */
  cork(): void {
    this.#corked ??= []
  }

  uncork(): void {
    const [first, ...more] = this.#corked ?? []
    this.#corked = null
    if (first !== undefined) this.#send(more.length === 0 ? first : b4a.concat([first, ...more]))
  }

  end(): void {
    this.#socket.close(1000)
  }

  destroy(error?: Error): void {
    if (this.destroyed) return
    this.destroyed = true
    clearTimeout(this.#timer)
    // Where there is a choice: a dead server's word would be waited for half a minute, and keep the process running.
    if (this.#socket.terminate !== undefined) this.#socket.terminate()
    else this.#socket.close()
    if (error !== undefined) this.emit('error', error)
    this.emit('close')
  }

  #send(message: Uint8Array): void {
    if (this.destroyed) return
    this.#socket.send(message)
    if (this.#timer === undefined && this.#socket.bufferedAmount >= HIGH_WATER_BYTES) this.#waitForDrain()
  }

  #waitForDrain(): void {
    this.#timer = setTimeout(() => this.#lookForDrain(), POLL_MS)
  }

  #lookForDrain(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#socket.bufferedAmount >= HIGH_WATER_BYTES) this.#waitForDrain()
    else this.emit('drain')
  }

  #onMessage(data: unknown): void {
    if (this.destroyed) return
    if (data instanceof Uint8Array) this.#onBytes(data)
    else if (data instanceof ArrayBuffer) this.#onBytes(new Uint8Array(data))
    else this.destroy(new Error('the WebSocket delivered text; the server is no proxy server'))
    // In a hidden page timers fire once a second. But as the other side reads it says so, and then there is room.
    if (this.#timer !== undefined && !this.destroyed) this.#lookForDrain()
  }

  #deliverEarly(): void {
    for (const chunk of this.#early.splice(0)) this.emit('data', chunk)
  }

  #onBytes(bytes: Uint8Array): void {
    if (bytes.byteLength > this.#maxBytes) {
      this.destroy(messageTooLarge(this.#maxBytes))
      return
    }
    this.#maxBytes = MAX_MESSAGE_BYTES
    if (!this.emit('data', bytes)) this.#early.push(bytes)
  }

  #onClose(code: number, reason: string): void {
    if (this.destroyed) return
    if (code === 1000) this.emit('end')
    this.destroy(
      code === 1000
        ? undefined
        : new Error(`the WebSocket closed with ${code}${reason ? `: ${printable(reason)}` : ''}`)
    )
  }
}

/** The code of `ws` for a message beyond `maxPayload`. */
const WS_TOO_LARGE = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'

function reasonOf({ error, message }: { error?: unknown; message?: string }): Error {
  if (error instanceof ProxyError) return error
  const { code } = (error ?? {}) as { code?: unknown }
  return code === WS_TOO_LARGE
    ? messageTooLarge(MAX_MESSAGE_BYTES)
    : new Error(printable(message || 'the WebSocket failed'))
}
