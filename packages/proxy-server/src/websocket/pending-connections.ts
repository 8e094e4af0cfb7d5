import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { networkOf } from '../fairness/network-of.js'
import { NetworkPlaces } from '../fairness/network-places.js'

/**
 * Connections to an HTTP(S) server that have not sent a whole request yet, TLS handshakes included. At most `max` of them
 * stay open: one more cuts the oldest of the network that has the most.
 */
export class PendingConnections {
  readonly #server: Server
  readonly #max: number
  readonly #places = new NetworkPlaces<Socket>()
  /** Over TLS, the socket of a request is another one, but with the same address. */
  readonly #byAddress = new Map<string, Socket>()
  readonly #onConnection = (socket: Socket): void => this.#add(socket)
  readonly #onRequest = ({ socket }: IncomingMessage): void => this.delete(socket)

  constructor(server: Server, max: number) {
    this.#server = server
    this.#max = max
    server.on('connection', this.#onConnection)
    server.on('request', this.#onRequest)
  }

  /** The connection has sent a request. On a Unix domain socket none has an address, so that they cannot be told by it. */
  delete(socket: Socket): void {
    this.#places.delete(socket)
    if (socket.remoteAddress === undefined) return
    const address = addressOf(socket)
    const pending = this.#byAddress.get(address)
    this.#byAddress.delete(address)
    if (pending !== undefined) this.#places.delete(pending)
  }

  /** Stops watching the server. */
  close(): void {
    this.#server.off('connection', this.#onConnection)
    this.#server.off('request', this.#onRequest)
  }

  #add(socket: Socket): void {
    const address = addressOf(socket)
    this.#byAddress.set(address, socket)
    this.#places.set(socket, networkOf(socket.remoteAddress))
    // Comes once, and "on" takes half the memory of "once".
    socket.on('close', () => {
      this.#places.delete(socket)
      if (this.#byAddress.get(address) === socket) this.#byAddress.delete(address)
    })
    if (this.#places.size > this.#max) this.#cutOldest()
  }

  #cutOldest(): void {
    const [largest] = this.#places.largestFirst()
    const [oldest] = largest?.holders ?? []
    if (oldest === undefined) return
    this.delete(oldest)
    oldest.destroy()
  }
}

function addressOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
