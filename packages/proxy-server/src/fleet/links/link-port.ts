import { createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '@swarmway/proxy-protocol'
import { NetworkPlaces, networkOrOwn } from '../../fairness/network-places.js'
import type { SealedDuplex } from './sealed-duplex.js'
import { type SecureOptions, secureIn } from './secure-socket.js'

/** Connections of strangers, whose handshake is not done. For one more, the oldest of the network with the most gives way. */
const MAX_STRANGERS = 64
/** Connections in all. */
const MAX_CONNECTIONS = 2048
const HANDSHAKE_MS = 5000

/** What a port needs. */
export interface LinkPortHost extends SecureOptions {
  readonly clock: Clock
  /** A connection whose other end has proved that it holds the key. */
  onStream(stream: SealedDuplex): void
}

/** Accepts connections of other servers, by TCP. */
export class LinkPort {
  readonly #host: LinkPortHost
  readonly #server: Server
  readonly #strangers = new NetworkPlaces<Socket>()
  readonly #sockets = new Set<Socket>()

  constructor(host: LinkPortHost) {
    this.#host = host
    this.#server = createServer({ noDelay: true }, (socket) => void this.#accept(socket))
    this.#server.maxConnections = MAX_CONNECTIONS
  }

  /** Resolves to the port. Rejects if it is not free. */
  listen(host: string | undefined, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port, exclusive: true, ...(host !== undefined && { host }) }, () => {
        this.#server.removeListener('error', reject)
        this.#server.on('error', ignore)
        const address = this.#server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : port)
      })
    })
  }

  /** Ends all connections. */
  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  async #accept(socket: Socket): Promise<void> {
    socket.on('error', ignore)
    this.#sockets.add(socket)
    this.#strangers.set(socket, networkOrOwn(socket.remoteAddress))
    if (this.#strangers.size > MAX_STRANGERS) this.#makeRoom()
    const timer = this.#host.clock.setTimeout(() => socket.destroy(), HANDSHAKE_MS)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#strangers.delete(socket)
      this.#host.clock.clearTimeout(timer)
    })
    const stream = await secureIn(socket, this.#host)
    this.#strangers.delete(socket)
    this.#host.clock.clearTimeout(timer)
    if (stream === null || socket.destroyed) socket.destroy()
    else this.#host.onStream(stream)
  }

  #makeRoom(): void {
    const [largest] = this.#strangers.largestFirst()
    const [oldest] = largest?.holders ?? []
    if (oldest === undefined) return
    // Not when it is closed: until then, others would give way in its place.
    this.#strangers.delete(oldest)
    oldest.destroy()
  }
}

function ignore(): void {}
