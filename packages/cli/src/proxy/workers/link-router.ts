import type { DuplexLike } from '@swarmway/proxy-protocol'
import type { ProxyServer, StreamInfo } from '@swarmway/proxy-server'
import type { LinkTaker } from '@swarmway/proxy-server/websocket'
import type { Logger } from '../server/log.js'
import { FirstBytes, type Rereadable } from './first-bytes.js'
import { connectHandoverSocket, join } from './handover-socket.js'
import { readClaim } from './resume-claim.js'

/** What the router needs to know. */
export interface SessionFinder {
  /** Whether this worker has the session. */
  has(id: string): boolean
  /** The handover socket of the worker that has the session; null if there is none. */
  find(id: string): Promise<string | null>
}

/**
 * Brings a returning client to the worker that has its session, whichever worker accepted its new connection: the
 * connection is passed on as bytes, after TLS. The client's address may have changed.
 */
export class LinkRouter implements LinkTaker {
  readonly #server: ProxyServer
  readonly #finder: SessionFinder
  readonly #log: Logger
  readonly #held = new Map<FirstBytes, StreamInfo>()

  constructor(server: ProxyServer, finder: SessionFinder, log: Logger) {
    this.#server = server
    this.#finder = finder
    this.#log = log
  }

  get destroyed(): boolean {
    return this.#server.destroyed
  }

  handleStream(duplex: DuplexLike, info: StreamInfo): void {
    const { handshakeTimeoutMs, maxGreetingBytes, maxGreetings } = this.#server.limits
    if (this.#held.size >= maxGreetings) this.#keepOldest()
    let isDecided = false
    const onBytes = (bytes: Buffer): void => {
      const claim = isDecided ? null : readClaim(bytes, maxGreetingBytes)
      if (claim === null || claim.kind === 'incomplete') return
      isDecided = true
      if (claim.kind === 'other' || this.#finder.has(claim.id)) this.#keep(first, info)
      else void this.#passOn(first, claim.id, info)
    }
    // The bytes may exceed the frame's limit by the size of its header.
    const first = new FirstBytes(duplex as Rereadable, 2 * maxGreetingBytes, onBytes, () => {
      clearTimeout(timer)
      this.#held.delete(first)
    })
    this.#held.set(first, info)
    const timer = setTimeout(() => first.destroy(), handshakeTimeoutMs)
  }

  /** The server's own limits cover links that are not held back here. Silent ones stay longest, so they go first. */
  #keepOldest(): void {
    const [[first, info] = []] = this.#held
    if (first !== undefined && info !== undefined) this.#keep(first, info)
  }

  #keep(first: FirstBytes, info: StreamInfo): void {
    first.release((duplex) => this.#server.handleStream(duplex, info))
  }

  async #passOn(first: FirstBytes, id: string, info: StreamInfo): Promise<void> {
    try {
      const handoverPath = await this.#finder.find(id)
      if (handoverPath === null) throw new Error('no worker has the session')
      const inner = await connectHandoverSocket(handoverPath, info)
      if (first.release((duplex) => join(duplex, inner))) this.#log.debug('link passed on to the worker of its session')
      else inner.socket.destroy()
    } catch {
      // The client then gets a new session here.
      this.#keep(first, info)
    }
  }
}
