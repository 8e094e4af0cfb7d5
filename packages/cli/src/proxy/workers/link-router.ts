import type { DuplexLike } from '@swarmway/proxy-protocol'
import type { ProxyServer, StreamInfo } from '@swarmway/proxy-server'
import type { LinkTaker } from '@swarmway/proxy-server/websocket'
import type { Logger } from '../server/log.js'
import { FirstBytes, type Rereadable } from './first-bytes.js'
import { connectHandoverSocket, join } from './handover-socket.js'
import { readClaim } from './resume-claim.js'

/** Whom the router asks. */
export interface SessionFinder {
  /** Whether this worker has the session. */
  has(id: string): boolean
  /** The handover socket of the worker that has it; null if nobody has. */
  find(id: string): Promise<string | null>
}

/**
 * Brings a client that comes back to the worker that has its session, whichever worker its new connection has come to:
 * the connection is passed on as bytes, after TLS, whatever address the client has by now.
 */
export class LinkRouter implements LinkTaker {
  readonly #server: ProxyServer
  readonly #finder: SessionFinder
  readonly #log: Logger
  readonly #held = new Set<FirstBytes>()

  constructor(server: ProxyServer, finder: SessionFinder, log: Logger) {
    this.#server = server
    this.#finder = finder
    this.#log = log
  }

  handleStream(duplex: DuplexLike, info: StreamInfo): void {
    const { handshakeTimeoutMs, maxGreetingBytes, maxGreetings } = this.#server.limits
    // The server's own limits hold for what is not held back here.
    if (this.#held.size >= maxGreetings) {
      this.#server.handleStream(duplex, info)
      return
    }
    let isDecided = false
    const onBytes = (bytes: Buffer): void => {
      const claim = isDecided ? null : readClaim(bytes, maxGreetingBytes)
      if (claim === null || claim.kind === 'incomplete') return
      isDecided = true
      if (claim.kind === 'other' || this.#finder.has(claim.id)) this.#keep(first, info)
      else void this.#passOn(first, claim.id, info)
    }
    // The bytes may come with a frame's header more than the frame's limit.
    const first = new FirstBytes(duplex as Rereadable, 2 * maxGreetingBytes, onBytes, () => {
      clearTimeout(timer)
      this.#held.delete(first)
    })
    this.#held.add(first)
    const timer = setTimeout(() => first.destroy(), handshakeTimeoutMs)
  }

  #keep(first: FirstBytes, info: StreamInfo): void {
    first.release((duplex) => this.#server.handleStream(duplex, info))
  }

  async #passOn(first: FirstBytes, id: string, info: StreamInfo): Promise<void> {
    try {
      const handoverPath = await this.#finder.find(id)
      if (handoverPath === null) throw new Error('nobody has the session')
      const inner = await connectHandoverSocket(handoverPath, info)
      if (first.release((duplex) => join(duplex, inner))) this.#log.debug('link passed on to the worker of its session')
      else inner.destroy()
    } catch {
      // Then the client gets a new session here.
      this.#keep(first, info)
    }
  }
}
