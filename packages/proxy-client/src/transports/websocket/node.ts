import type { Socket } from 'node:net'
import type { AbortSignalLike } from '@swarmway/swarm/core'
import { type ClientOptions, WebSocket } from 'ws'
import { type ConnectAnswer, findTunnel, PROXY_CONNECT, type Tunnel } from './http-proxy.js'
import { MAX_FIRST_BYTES, MAX_MESSAGE_BYTES, messageTooLarge } from './limits.js'
import type { SocketLike } from './socket.js'
import { notHttp, tunnelRefused, tunnelUnreachable, upgradeRefused } from './upgrade-errors.js'

export { findTunnel }

/** Up to this size, copying a message behind its header costs less than passing two pieces to the system. */
const SMALL_BYTES = 4 * 1024
let isSmall = false

const OPTIONS: ClientOptions = {
  // Compression would only cost time, as the data is encrypted.
  perMessageDeflate: false,
  // Its fragments are assembled before anybody sees it.
  maxPayload: MAX_MESSAGE_BYTES,
  // A mask of zero saves both sides a pass over the bytes, a quarter of the cost of sending. A mask keeps scripts in
  // browsers from choosing the bytes on the wire; this is not a browser, and peers' data is encrypted. With any other
  // mask `ws` joins header and message, which is worth it for small ones.
  generateMask: (mask) => {
    mask[0] = isSmall ? 1 : 0
  }
}

/** A WebSocket of the package `ws`: Node 20 has none. */
export function openSocket(url: string, tunnel: Tunnel | null = null, signal?: AbortSignalLike): SocketLike {
  const socket = new NodeSocket(url, tunnel, signal)
  // An ArrayBuffer would be a copy.
  socket.binaryType = 'nodebuffer'
  return socket as unknown as SocketLike
}

class NodeSocket extends WebSocket {
  localAddress: string | undefined = undefined
  readonly #tunnel: Tunnel | null
  /** What the HTTP proxy has answered. */
  #answer: ConnectAnswer | null = null

  constructor(url: string, tunnel: Tunnel | null, signal: AbortSignalLike | undefined) {
    super(url, {
      ...OPTIONS,
      ...(tunnel !== null && { agent: tunnel.agent(signal) }),
      finishRequest: (request) => {
        request.once(PROXY_CONNECT, (answer: ConnectAnswer) => {
          this.#answer = answer
        })
        request.end()
      }
    })
    this.#tunnel = tunnel
    this.once('unexpected-response', (_request, response) => {
      this.emit('error', tunnelRefused(this.#answer, this.#proxy) ?? upgradeRefused(response))
    })
    this.once('upgrade', ({ socket }) => {
      this.localAddress = socket.localAddress
      // Not at once: a listener would take the first bytes before `ws` is ready.
      this.once('open', () => this.#guard(socket))
    })
  }

  get #proxy(): string {
    return this.#tunnel?.shown ?? 'of the agent'
  }

  /** What failed: the way to the HTTP proxy, the HTTP proxy, or what is behind it. */
  explain(error: unknown): unknown {
    const refused = tunnelRefused(this.#answer, this.#proxy)
    if (refused !== null) return refused
    const hasAnswer = this.#tunnel === null || this.#tunnel.shown === null || this.#answer !== null
    return hasAnswer ? (notHttp(error) ?? error) : tunnelUnreachable(this.#proxy, error)
  }

  /** Counts the bytes of the first message until it arrives: `maxPayload` applies to the socket's whole life. */
  #guard(socket: Socket): void {
    let held = 0
    const onData = (chunk: Uint8Array): void => {
      // The bytes before this chunk were not a whole message yet.
      if (held > MAX_FIRST_BYTES) this.#fail()
      held += chunk.byteLength
    }
    const stop = (): void => void socket.off('data', onData)
    socket.prependListener('data', onData)
    this.once('message', stop)
    this.once('close', stop)
  }

  #fail(): void {
    this.emit('error', messageTooLarge(MAX_FIRST_BYTES))
    this.terminate()
  }

  override send(data: Uint8Array): void {
    isSmall = data.byteLength <= SMALL_BYTES
    super.send(data)
  }
}
