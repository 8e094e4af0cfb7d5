import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type DuplexLike, systemClock } from '@swarmway/proxy-protocol'
import { callApplication } from '@swarmway/runtime'
import { type WebSocket, WebSocketServer } from 'ws'
import { siteOf } from '../fairness/network-of.js'
import { NetworkPlaces, networkOrOwn } from '../fairness/network-places.js'
import { Refusals } from '../fairness/refusals.js'
import type { StreamInfo } from '../sessions/stream-info.js'
import { WebSocketDuplex } from './duplex.js'
import type { ListenSettings } from './options.js'
import { mayConnect } from './origins.js'
import { PendingConnections } from './pending-connections.js'
import { Pongs } from './pongs.js'
import { DRAINING, FULL, NOT_HERE, type Refusal, refuse, seesStatus, TOO_MANY, WRONG_ORIGIN } from './refusal.js'
import { isWebServer, wantsWebSocket } from './web-server.js'

/** Pieces in which one frame may arrive; each costs a buffer object, however short it is. */
const MAX_FRAME_READS = 4096

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

/** Turns upgrade requests of an HTTP server into links. */
export class Upgrades {
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
    const isOwn = isWebServer(this.#server)
    // A web server answers it.
    if (isOwn && !wantsWebSocket(request)) return
    const refusal = this.#refusal(request)
    if (refusal === NOT_HERE && this.#server.listenerCount('upgrade') > (isOwn ? 2 : 1)) return
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
    if (!this.#places.maySettle(network, maxConnections - this.#places.size)) return FULL
    if (this.#places.countOf(siteOf(network)) >= maxConnectionsPerNetwork) return TOO_MANY
    this.#places.set(socket, network)
    // Comes once, and "on" takes half the memory of "once".
    socket.on('close', () => this.#places.delete(socket))
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

function ignore(): void {}
