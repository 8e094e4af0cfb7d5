import { ProxyError, type RequestOptions, type Session } from '@swarmway/proxy-protocol'

/**
 * The way to the server for everything that asks it something: hands requests to the session of the moment, and lets
 * them wait while there is none.
 */
export class Channel {
  /** Whether there has been no session yet. */
  isFirst = true
  #session: Session | null = null
  #error: ProxyError | null = null
  readonly #waiting = new Set<{ resolve(session: Session): void; reject(error: ProxyError): void }>()

  /** The session of the moment. */
  get session(): Session | null {
    return this.#session
  }

  open(session: Session): void {
    this.#session = session
    this.isFirst = false
    for (const waiter of this.#waiting) waiter.resolve(session)
    this.#waiting.clear()
  }

  lost(): void {
    this.#session = null
  }

  /** No session will come: whoever waits gets the error, and so do later requests, until `open` or `renew`. */
  close(error: ProxyError): void {
    this.#session = null
    this.#error = error
    for (const waiter of this.#waiting) waiter.reject(error)
    this.#waiting.clear()
  }

  /** A session may come again. */
  renew(): void {
    this.#error = null
  }

  /** Asks the server, once there is a session. */
  async request(op: number, body: Uint8Array, options?: RequestOptions): Promise<Uint8Array> {
    const session = this.#session ?? (await this.whenOpen())
    return session.request(op, body, options)
  }

  /** Tells the server, if there is a session: a new one begins without what an older one was told. */
  notify(op: number, body: Uint8Array): void {
    try {
      this.#session?.notify(op, body)
    } catch {
      // The session ends or is full; what it was told ends with it.
    }
  }

  /** The session of the moment, or the next one. */
  whenOpen(): Promise<Session> {
    if (this.#session !== null) return Promise.resolve(this.#session)
    const error = this.#error
    if (error !== null) return Promise.reject(new ProxyError(error.code, error.message, { cause: error }))
    return new Promise((resolve, reject) => this.#waiting.add({ resolve, reject }))
  }
}
