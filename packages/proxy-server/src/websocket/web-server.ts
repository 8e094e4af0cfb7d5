import { createServer, IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TlsOptions } from 'node:tls'
import { type Clock, systemClock } from '@swarmway/proxy-protocol'
import { callApplication } from '@swarmway/runtime'
import { Arrivals } from '../fairness/arrivals.js'
import { networkOf } from '../fairness/network-of.js'
import { NetworkPlaces, networkOrOwn } from '../fairness/network-places.js'
import { Refusals } from '../fairness/refusals.js'
import { integer } from './options.js'
import { BAD_REQUEST, FULL, refuse } from './refusal.js'

/** Milliseconds for a TLS handshake, and for the headers of a request. Node's defaults are two minutes and one. */
const REQUEST_TIMEOUT_MS = 10_000
/** How often those of all connections are checked. */
const CHECK_INTERVAL_MS = 2500
/** Milliseconds for the whole answer. */
const ANSWER_TIMEOUT_MS = 60_000
/** Requests that are being answered; as many more may wait. */
const MAX_ANSWERS = 1024

/** An HTTP or HTTPS server made by `createWebServer`. */
export type WebServer = Server | TlsServer

/** Options of `createWebServer`. */
export interface WebServerOptions {
  /** Certificate and key. Default: none, for plain HTTP. */
  tls?: Pick<TlsOptions, 'cert' | 'key'>
  /** Answers requests for anything but a WebSocket. Default: status 426, Upgrade Required. */
  answer?: RequestListener
  /** Returns the address of a connection, as in the options of `listen`. Default: the peer of the TCP connection. */
  remoteAddress?: (request: IncomingMessage) => string | undefined
  /**
   * New connections of one network that are let in within a second, and as many at once after a pause; default 100. All
   * networks together have four times as many, and each a sixteenth of its own whatever others do. Further ones wait in turn,
   * before the TLS handshake, and count as `maxPendingConnections` of `listen`. Those of this machine never wait. Has no
   * effect with `remoteAddress`: the connections of a reverse proxy are those of many clients.
   */
  connectionsPerSecond?: number
  /** Clock; default the platform's. */
  clock?: Clock
}

/**
 * Every request counts as an upgrade: Node then leaves unread what follows it. Otherwise it would parse thousands of
 * requests that arrive in one piece, before anybody could stop it.
 */
class OnlyRequest extends IncomingMessage {
  get upgrade(): boolean {
    return true
  }

  set upgrade(_isUpgrade: boolean) {
    // Node writes here what the headers say.
  }
}

const HTTP_OPTIONS = {
  headersTimeout: REQUEST_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
  IncomingMessage: OnlyRequest
}

const webServers = new WeakSet<WebServer>()

/**
 * Creates a server for `listen` that strangers cannot keep busy with plain requests. Each connection carries one request,
 * and is closed with the answer unless it becomes a WebSocket. 50 requests a second of a network (an IPv4 address or an
 * IPv6 /48) are answered at once, others a second later; those of this machine never wait.
 * @throws TypeError that names a bad option
 */
export function createWebServer(options: WebServerOptions = {}): WebServer {
  const { clock = systemClock, connectionsPerSecond = 100, remoteAddress, tls } = options
  const perSecond = integer('connectionsPerSecond', connectionsPerSecond, 1)
  const server =
    tls === undefined
      ? createServer(HTTP_OPTIONS)
      : createTlsServer({ ...HTTP_OPTIONS, handshakeTimeout: REQUEST_TIMEOUT_MS, ...tls })
  webServers.add(server)
  const requests = new PlainRequests(server, options)
  const arrivals = remoteAddress === undefined ? paceConnections(server, perSecond, clock) : null
  const closeAll = server.closeAllConnections.bind(server)
  server.closeAllConnections = () => {
    closeAll()
    requests.closeAll()
    arrivals?.destroy()
  }
  return server
}

/** Whether it was made by `createWebServer`. */
export function isWebServer(server: WebServer): boolean {
  return webServers.has(server)
}

/** Whether it asks for a WebSocket. */
export function wantsWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

/** Answers the requests of a web server that `listen` leaves to it. */
class PlainRequests {
  readonly #server: WebServer
  readonly #options: WebServerOptions
  /** Sockets whose request waits, or is being answered. Node has given them away. */
  readonly #sockets = new Set<Duplex>()
  readonly #places = new NetworkPlaces<Duplex>()
  readonly #refusals: Refusals

  constructor(server: WebServer, options: WebServerOptions) {
    this.#server = server
    this.#options = options
    this.#refusals = new Refusals(MAX_ANSWERS, options.clock ?? systemClock)
    server.on('upgrade', (request: IncomingMessage, socket: Duplex) => this.#onRequest(request, socket))
    server.on('clientError', (_error: Error, socket: Duplex) => this.#onMalformed(socket))
  }

  /** Node does not know these. */
  closeAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #onRequest(request: IncomingMessage, socket: Duplex): void {
    const hasUpgrades = this.#server.listenerCount('upgrade') > 1
    if (hasUpgrades && wantsWebSocket(request)) return
    this.#keep(socket)
    callApplication(
      () => {
        const { remoteAddress = ({ socket }) => socket.remoteAddress } = this.#options
        const network = networkOrOwn(remoteAddress(request))
        this.#later(network, socket, () => this.#begin(request, socket, network))
      },
      () => void socket.destroy()
    )
  }

  #onMalformed(socket: Duplex): void {
    this.#keep(socket)
    if (!socket.writable) return void socket.destroy()
    this.#later(networkOrOwn((socket as Socket).remoteAddress), socket, () => refuse(socket, BAD_REQUEST))
  }

  #keep(socket: Duplex): void {
    socket.on('error', ignore)
    this.#sockets.add(socket)
    // Comes once, and "on" takes half the memory of "once".
    socket.on('close', () => this.#sockets.delete(socket))
  }

  /** At once, unless there are many of the network. */
  #later(network: string, socket: Duplex, answer: () => void): void {
    this.#refusals.add(network, { answer: () => !socket.destroyed && answer(), drop: () => void socket.destroy() })
  }

  #begin(request: IncomingMessage, socket: Duplex, network: string): void {
    if (!this.#places.maySettle(network, MAX_ANSWERS - this.#places.size)) refuse(socket, FULL)
    else {
      this.#places.set(socket, network)
      socket.once('close', () => this.#places.delete(socket))
      callApplication(
        () => answerOnce(request, this.#options.answer ?? requireUpgrade),
        () => void socket.destroy()
      )
    }
  }
}

/** Has a request answered whose socket Node has given away, and closes that. */
function answerOnce(request: IncomingMessage, answer: RequestListener): void {
  const { socket } = request
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.once('finish', () => socket.destroySoon())
  socket.on('drain', () => void response.emit('drain'))
  // Somebody who asks and does not read must not hold the connection.
  const timer = setTimeout(() => socket.destroy(), ANSWER_TIMEOUT_MS)
  socket.once('close', () => clearTimeout(timer))
  answer(request, response)
}

function requireUpgrade(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { upgrade: 'websocket' }).end()
}

function ignore(): void {}

/**
 * Makes the new connections of a server wait in turn by network, before a TLS handshake and before a request is parsed. Call it
 * once the server has what begins those; listeners that are added later hear of a connection at once.
 */
function paceConnections(server: WebServer, perSecond: number, clock: Clock): Arrivals {
  const arrivals = new Arrivals(perSecond, clock)
  const listeners = server.rawListeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    const begin = (): void => {
      for (const listener of listeners) Reflect.apply(listener, server, [socket])
    }
    // Over a Unix domain socket nobody has one.
    if (socket.remoteAddress === undefined) begin()
    else arrivals.add(networkOf(socket.remoteAddress), socket, begin)
  })
  return arrivals
}
