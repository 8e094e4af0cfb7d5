import { ProxyError, type RequestOptions, type Session } from '@swarmway/proxy-protocol'

/**
 * The way for all requests to the server: passes them to the current session, and lets them wait while
 * there is none.
 */
export class Channel {
  /** Whether there has been no session yet, and so nothing that a session must be told again. */
  isFirst = true
  #session: Session | null = null
  #error: ProxyError | null = null
  readonly #waiting = new Set<{ resolve(session: Session): void; reject(error: ProxyError): void }>()

  /** The current session. */
  get session(): Session | null {
    return this.#session
  }

  open(session: Session): void {
    this.#session = session
    this.#error = null
    this.isFirst = false
    for (const waiter of this.#waiting) waiter.resolve(session)
    this.#waiting.clear()
  }

  lost(): void {
    this.#session = null
  }

  /** No session will come, or not soon: waiting requests get the error, and so do later ones, until `open` or `renew`. */
  close(error: ProxyError): void {
    this.#session = null
    this.#error = error
    this.isFirst = false
    for (const waiter of this.#waiting) waiter.reject(error)
    this.#waiting.clear()
  }

  /** A session may come again. */
  renew(): void {
    this.#error = null
  }

  /** Sends a request once there is a session. */
  async request(op: number, body: Uint8Array, options?: RequestOptions): Promise<Uint8Array> {
    const session = this.#session ?? (await this.whenOpen())
    return session.request(op, body, options)
  }

  /** Notifies the server if there is a session: a new one starts without the notifications of an older one. */
  notify(op: number, body: Uint8Array): void {
    try {
      this.#session?.notify(op, body)
    } catch {
      // The session ends or is full; what it was told ends with it.
    }
  }

  /** The current session or the next one. */
  whenOpen(): Promise<Session> {
    if (this.#session !== null) return Promise.resolve(this.#session)
    const error = this.#error
    if (error !== null) return Promise.reject(new ProxyError(error.code, error.message, { cause: error }))
    return new Promise((resolve, reject) => this.#waiting.add({ resolve, reject }))
  }
}
