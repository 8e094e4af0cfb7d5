import type { ClientSession, ProxyServer } from '@swarmway/proxy-server'

/** Knows this worker's sessions and reports them. */
export class SessionReports {
  readonly #ids = new Set<string>()
  readonly #report: (id: string, isOpen: boolean) => void

  constructor(report: (id: string, isOpen: boolean) => void) {
    this.#report = report
  }

  /** Starts reporting the sessions of this server. */
  follow(server: ProxyServer): void {
    server.on('client', (session) => this.#set(session, true))
    server.on('client-close', (session) => this.#set(session, false))
  }

  /** Whether the session is here. */
  has(id: string): boolean {
    return this.#ids.has(id)
  }

  #set({ identity }: ClientSession, isOpen: boolean): void {
    const id = Buffer.from(identity.sessionId).toString('hex')
    if (isOpen) this.#ids.add(id)
    else this.#ids.delete(id)
    this.#report(id, isOpen)
  }
}
