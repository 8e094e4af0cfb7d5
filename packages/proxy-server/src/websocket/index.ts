/**
 * WebSockets as links of a proxy server.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type DuplexLike, systemClock } from '@swarmway/proxy-protocol'
import { callApplication } from '@swarmway/runtime'
import { type WebSocket, WebSocketServer } from 'ws'
import { maySettle, NetworkPlaces, networkOrOwn } from '../fairness/network-places.js'
import { Refusals } from '../fairness/refusals.js'
import type { StreamInfo } from '../sessions/stream-info.js'
import { WebSocketDuplex } from './duplex.js'
import { type ListenOptions, type ListenSettings, settleListen } from './options.js'
import { mayConnect } from './origins.js'
import { PendingConnections } from './pending-connections.js'
import { Pongs } from './pongs.js'
import { DRAINING, FULL, NOT_HERE, type Refusal, refuse, seesStatus, TOO_MANY, WRONG_ORIGIN } from './refusal.js'

export type { ListenOptions, RefusedUpgrade } from './options.js'

/** Pieces in which one frame may arrive; each costs a buffer object, however short it is. */
const MAX_FRAME_READS = 4096
/** Milliseconds for the headers of a request. Node's default is a minute. */
const REQUEST_TIMEOUT_MS = 10_000
/** How often those of all connections are checked. */
const CHECK_INTERVAL_MS = 2500
const HTTP_OPTIONS = {
  headersTimeout: REQUEST_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS
}

/** Accepts links: a `ProxyServer`, or code that chooses one. */
export interface LinkTaker {
  /**
   * See `ProxyServer.handleStream`. The duplex implements `DuplexLike` and nothing more: it is not a stream and does
   * not work with `pipe` and the like. It keeps one listener per event, the last one added, so do not add any to a
   * duplex that is passed to a server. To learn when it closes, await `closed` on what `ProxyServer.handleStream`
   * returns.
   */
  handleStream(duplex: DuplexLike, info: StreamInfo): unknown
  /** Whether it takes no more links: upgrades are then refused with 503, except those of pages. Default: false. */
  readonly destroyed?: boolean
}

/** The result of `listen`. */
export interface WebSocketListener {
  /** The address on which the HTTP server listens; null if it does not listen (yet). */
  readonly address: AddressInfo | string | null
  /** Number of open WebSockets. */
  readonly connections: number
  /**
   * Accepts no more WebSockets and cuts the open ones at once, so call `proxy.destroy()` first. Closes the HTTP
   * server unless it was passed in.
   */
  close(): Promise<void>
}

/**
 * Accepts clients over WebSocket, on its own port or attached to an HTTP(S) server. Rejects if the port is not
 * available.
 * @throws TypeError that names the first bad option
 */
export async function listen(proxy: LinkTaker, options: ListenOptions = {}): Promise<WebSocketListener> {
  const settings = settleListen(options)
  const server = (options.server as Server | undefined) ?? createServer(HTTP_OPTIONS, answerPlainRequest)
  // Connections without a request yet count here; WebSockets are counted again when they open.
  if (options.server === undefined) server.maxConnections = 2 * settings.maxConnections
  const upgrades = new Upgrades(proxy, server, settings)
  if (options.server === undefined) await bind(server, settings)
  return {
    get address() {
      return server.address()
    },
    get connections() {
      return upgrades.size
    },
    close: async () => {
      upgrades.close()
      if (options.server === undefined) await closed(server)
    }
  }
}

/** Turns upgrade requests of an HTTP server into links. */
class Upgrades {
  readonly #proxy: LinkTaker
  readonly #server: Server
  readonly #settings: ListenSettings
  readonly #sockets: WebSocketServer
  readonly #places = new NetworkPlaces<Duplex>()
  readonly #pending: PendingConnections | null
  readonly #refusals: Refusals
  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
    this.#upgrade(request, socket, head)

  constructor(proxy: LinkTaker, server: Server, settings: ListenSettings) {
    this.#proxy = proxy
    this.#server = server
    this.#settings = settings
    // The data is encrypted, so compression would cost time and memory and gain nothing.
    this.#sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      // It answers every ping, and keeps the answers if they are not read.
      autoPong: false,
      maxPayload: settings.maxMessageBytes,
      maxFragments: settings.maxFragments,
      maxBufferedChunks: MAX_FRAME_READS
    })
    const { maxPendingConnections: max } = settings
    this.#pending = Number.isFinite(max) ? new PendingConnections(server, max) : null
    this.#refusals = new Refusals(Math.ceil(settings.maxConnections / 4), systemClock)
    server.on('upgrade', this.#onUpgrade)
  }

  get size(): number {
    return this.#sockets.clients.size
  }

  close(): void {
    this.#server.off('upgrade', this.#onUpgrade)
    this.#pending?.close()
    this.#refusals.destroy()
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#sockets.close()
  }

  /** If the application's code throws, the connection is closed: without an address the client cannot be identified. */
  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', ignore)
    this.#pending?.delete(request.socket)
    callApplication(
      () => this.#decide(request, socket, head),
      () => void socket.destroy()
    )
  }

  #decide(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusal(request)
    if (refusal === NOT_HERE && this.#server.listenerCount('upgrade') > 1) return
    const info = this.#infoOf(request)
    const reason = refusal ?? this.#settle(socket, info)
    if (reason === null) this.#accept(request, socket, head, info)
    else this.#refuse(socket, reason, request, info)
  }

  #refuse(socket: Duplex, reason: Refusal, { headers }: IncomingMessage, { remoteAddress }: StreamInfo): void {
    const refused = { answer: () => refuse(socket, reason), drop: () => void socket.destroy() }
    this.#refusals.add(networkOrOwn(remoteAddress), refused)
    this.#settings.onRefused?.({
      status: reason.status,
      origin: headers.origin,
      remoteAddress: remoteAddress ?? undefined
    })
  }

  /** Why a request is refused; null if it is not. `NOT_HERE` leaves it to other listeners of the server, if any. */
  #refusal(request: IncomingMessage): Refusal | null {
    const { headers, url = '/' } = request
    const { origins, path } = this.#settings
    if (path !== undefined && url.split('?')[0] !== path) return NOT_HERE
    if (!mayConnect(headers, origins, this.#server.address())) return WRONG_ORIGIN
    return this.#proxy.destroyed === true && seesStatus(request) ? DRAINING : null
  }

  /** Takes a place for the connection, and returns null; or returns why there is none. */
  #settle(socket: Duplex, { remoteAddress }: StreamInfo): Refusal | null {
    const { maxConnections, maxConnectionsPerNetwork } = this.#settings
    const network = networkOrOwn(remoteAddress)
    const count = this.#places.countOf(network)
    if (!maySettle(network, count, maxConnections - this.#places.size)) return FULL
    if (count >= maxConnectionsPerNetwork) return TOO_MANY
    this.#places.set(socket, network)
    socket.once('close', () => this.#places.delete(socket))
    return null
  }

  #accept(request: IncomingMessage, socket: Duplex, head: Buffer, info: StreamInfo): void {
    request.socket.setNoDelay(true)
    this.#sockets.handleUpgrade(request, socket, head, (open) =>
      callApplication(
        () => this.#take(open, request, info),
        () => open.terminate()
      )
    )
  }

  #take(socket: WebSocket, request: IncomingMessage, info: StreamInfo): void {
    new Pongs(socket)
    this.#proxy.handleStream(new WebSocketDuplex(socket, request.socket, this.#settings.maxMessageBytes), info)
  }

  #infoOf(request: IncomingMessage): StreamInfo {
    const { remoteAddress, serverHost } = this.#settings
    return {
      remoteAddress: remoteAddress === undefined ? request.socket.remoteAddress : remoteAddress(request),
      host: serverHost === undefined ? request.headers.host : serverHost(request),
      request: { url: request.url, headers: request.headers }
    }
  }
}

function answerPlainRequest(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { connection: 'close', upgrade: 'websocket' }).end()
}

function bind(server: Server, { host, port = 0 }: ListenSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host !== undefined && { host }) }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function ignore(): void {}
