import { type DuplexLike, notAProxy, ProxyError, printable } from '@swarmway/proxy-protocol'
import { codeOf } from '@swarmway/runtime'
import { TypedEmitter } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { MAX_FIRST_BYTES, MAX_MESSAGE_BYTES, messageTooLarge } from './limits.js'
import type { SocketLike } from './socket.js'

/** Bytes in the socket's own buffer above which writing waits. */
const HIGH_WATER_BYTES = 1024 * 1024
/** Milliseconds between checks of the buffer while writing waits: a WebSocket does not report when it drains. */
const POLL_MS = 4
/** Close code: the session will be resumed over another link. A server takes 1000 and 1001 for the end of a page. */
const RETURNING = 4000

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
 * A WebSocket as the duplex of bytes that a link needs, and no more: every byte passes through it, and a full stream
 * takes a good part of a small message's round trip. Reading is never paused, which a browser's socket cannot do: a
 * session's own windows bound what it holds.
 */
export class WebSocketDuplex extends TypedEmitter<DuplexEvents> implements DuplexLike {
  destroyed = false
  readonly #socket: SocketLike
  #corked: Uint8Array[] | null = null
  /** Maximum size of the next message. Until the first one arrives, the server is a stranger. */
  #maxBytes = MAX_FIRST_BYTES
  /** Data received before there was a listener: a server may refuse a client before it has sent anything. */
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
    socket.addEventListener('error', (event) => this.destroy(reasonOf(event, socket)))
    socket.addEventListener('close', ({ code, reason }) => this.#onClose(code, reason))
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress
  }

  write(chunk: Uint8Array): boolean {
    if (this.#corked === null) this.#send(chunk)
    else this.#corked.push(chunk)
    return this.#timer === undefined
  }

  /** Everything written until `uncork` is sent as one message: each message costs a header and a system call. */
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
    // If supported: a dead server's answer would be awaited for half a minute, and keep the process running.
    if (this.#socket.terminate !== undefined) this.#socket.terminate()
    else this.#socket.close(RETURNING)
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
    else this.destroy(notAProxy('the WebSocket delivered text; the server is not a proxy server'))
    // Timers of a hidden page fire once a second. The other side confirms what it has read, so there is room then.
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

function reasonOf(event: { error?: unknown; message?: string }, socket: SocketLike): Error {
  const error = event.error instanceof ProxyError ? event.error : (socket.explain?.(event.error) ?? event.error)
  if (error instanceof ProxyError) return error
  const { message } = event
  return codeOf(error) === WS_TOO_LARGE
    ? messageTooLarge(MAX_MESSAGE_BYTES)
    : new Error(printable(message || 'the WebSocket failed'))
}
