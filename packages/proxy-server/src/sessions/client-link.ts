import {
  type Clock,
  decodeHello,
  encodeDenied,
  FRAME,
  type Hello,
  type Link,
  notAProxy,
  type ProxyError,
  protocolError,
  toProxyError,
  withoutStack
} from '@swarmway/proxy-protocol'
import type { RawRequest } from '../client/client-request.js'
import type { ClientSession } from './client-session.js'
import type { StreamInfo } from './stream-info.js'

/** What a link needs from the server until it is admitted. */
export interface Greeter {
  readonly clock: Clock
  /** Milliseconds for the greeting. */
  readonly timeoutMs: number
  /**
   * Decides about a client. Admitting it sends the WELCOME and attaches the link to a session. Returns null if the
   * link has ended meanwhile. Rejects with the reason for a denial.
   */
  admit(hello: Hello, arrival: ClientLink): Promise<ClientSession | null>
  /** Denies a client, at once or later. */
  refuse(arrival: ClientLink, error: ProxyError): void
  /** The greeting is over; `error` is set if the client was denied. */
  onGreeted(arrival: ClientLink, error: ProxyError | null): void
}

/** One link of a client: handles the greeting, and then refers to the session that owns the link. */
export class ClientLink {
  /** The client's address, as passed to `handleStream`. */
  readonly remoteAddress: string | null
  /** The name by which the client addressed the server, as passed to `handleStream`. */
  readonly host: string | null
  /** The session to which the link belongs; null until the greeting is done, and if the link was denied. */
  session: ClientSession | null = null
  /** Resolves to the session, or to null if the link was denied or ended. Never rejects. */
  readonly ready: Promise<ClientSession | null>
  /** Resolves to the reason why the link ended. Never rejects. */
  readonly closed: Promise<ProxyError>
  /** @internal */
  readonly link: Link
  /** @internal The request as passed to `handleStream`, until the greeting is done; null: none. */
  request: RawRequest | null
  readonly #greeter: Greeter
  readonly #timer: unknown
  #resolveReady: (session: ClientSession | null) => void = ignore
  #hello: Hello | null = null
  #isGreeted = false

  /** @internal */
  constructor(link: Link, greeter: Greeter, { host, remoteAddress, request }: StreamInfo) {
    this.link = link
    this.remoteAddress = remoteAddress ?? null
    this.host = host ?? null
    this.request = request ?? null
    this.closed = link.closed
    this.#greeter = greeter
    this.ready = new Promise((resolve) => {
      this.#resolveReady = resolve
    })
    this.#timer = greeter.clock.setTimeout(() => this.deny(late(greeter.timeoutMs)), greeter.timeoutMs)
    link.handler = { onFrame: (type, body) => this.#onFrame(type, body), onClose: () => this.#finish(null, null) }
  }

  /** @internal Ends the link, without an answer. */
  drop(error: ProxyError): void {
    if (this.#isGreeted) return
    this.link.handler = null
    this.link.destroy(error)
    this.#finish(null, error)
  }

  /** @internal Whatever it still sends is ignored. It is told the reason later, by `deny`. */
  ignore(): void {
    this.link.handler = { onFrame: () => {}, onClose: () => this.#finish(null, null) }
  }

  /** Ends the link if no session owns it yet. The client gets the reason, and whether and when to try again. */
  deny(error: ProxyError): void {
    if (this.#isGreeted) return
    this.link.handler = null
    this.link.send(encodeDenied({ error, retry: error.retryable, retryAfterMs: error.retryAfterMs ?? undefined }))
    this.link.close(error)
    this.#finish(null, error)
  }

  #onFrame(type: number, body: Uint8Array): void {
    try {
      if (type !== FRAME.HELLO) throw notAProxy('the first frame is not a greeting')
      if (this.#hello !== null) throw protocolError('a second greeting')
      this.#hello = decodeHello(body)
      void this.#admit(this.#hello)
    } catch (error) {
      this.deny(toProxyError(error))
    }
  }

  async #admit(hello: Hello): Promise<void> {
    try {
      const session = await this.#greeter.admit(hello, this)
      this.#finish(session, null)
    } catch (error) {
      this.#greeter.refuse(this, toProxyError(error))
    }
  }

  #finish(session: ClientSession | null, error: ProxyError | null): void {
    if (this.#isGreeted) return
    this.#isGreeted = true
    this.request = null
    this.#greeter.clock.clearTimeout(this.#timer)
    this.session = session
    this.#resolveReady(session)
    this.#greeter.onGreeted(this, error)
  }
}

function late(timeoutMs: number): ProxyError {
  return withoutStack('AUTH_TIMEOUT', `the greeting was not finished within ${timeoutMs} ms`)
}

function ignore(): void {}
