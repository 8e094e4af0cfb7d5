import { ProxyError, type Session, toServerName, type Welcome } from '@swarmway/proxy-protocol'
import type { Connect, UplinkSettings } from '../../options.js'

/** The longest delay that timers accept. */
const MAX_TIMER_MS = 0x7fffffff
/** A server is not waited for any longer, whatever its grace period. */
const MAX_KEPT_MS = 3_600_000

/** What a proof of a key is bound to. */
export interface Challenge {
  readonly clientNonce: Uint8Array
  readonly serverNonce: Uint8Array
  /** '' if unknown. */
  readonly serverName: string
}

/** A session and what is needed to resume it. */
export interface ResumableSession {
  readonly session: Session
  readonly welcome: Welcome
  readonly clientNonce: Uint8Array
  /** Its server. */
  readonly connect: Connect
}

/** The session with a proxy server, if there is one. It outlives its links by the server's grace period. */
export class CurrentSession {
  readonly #settings: Pick<UplinkSettings, 'clock' | 'serverName'>
  readonly #onLost: (error: ProxyError) => void
  #current: ResumableSession | null = null
  #expiryTimer: unknown = null
  /** Until when the session is worth waiting for. */
  #keptUntilMs = 0

  constructor(settings: Pick<UplinkSettings, 'clock' | 'serverName'>, onLost: (error: ProxyError) => void) {
    this.#settings = settings
    this.#onLost = onLost
  }

  /** What the next link can resume; null before the first WELCOME and after a loss. */
  get resumable(): ResumableSession | null {
    return this.#current
  }

  get session(): Session | null {
    return this.#current?.session ?? null
  }

  /** The server that holds the session. */
  get holder(): Connect | null {
    return this.#current?.connect ?? null
  }

  /** Whether nothing would be lost with the session, which has a link: no stream is open, and no request waits. */
  get isIdle(): boolean {
    const { session } = this
    return session?.attached === true && session.streams.size === 0 && session.stats.requestsPending === 0
  }

  /**
   * Milliseconds of the server's grace period that are left, of an hour at most: it chose the period, and must not keep us
   * from other servers for weeks. 0 while there is a link, and without a session.
   */
  get graceLeftMs(): number {
    return this.#expiryTimer === null ? 0 : Math.max(0, this.#keptUntilMs - this.#settings.clock.now())
  }

  /** What proofs of this session are bound to. */
  get challenge(): Challenge | null {
    if (this.#current === null) return null
    const { clientNonce, connect, welcome } = this.#current
    return {
      clientNonce,
      serverNonce: welcome.serverNonce,
      serverName: toServerName(connect.serverName ?? this.#settings.serverName)
    }
  }

  /**
   * A server has answered a greeting that asked to resume `known`: continues that session, which keeps its initial
   * values, or begins `fresh`. Returns whether it was resumed.
   */
  welcome(known: ResumableSession | null, fresh: ResumableSession): boolean {
    const { connect, welcome } = fresh
    this.#clearExpiry()
    const isResumed = welcome.resumed && known !== null && !known.session.destroyed
    if (!isResumed && known !== null)
      this.end(new ProxyError('SESSION_EXPIRED', 'the server no longer knows the session'))
    this.#current = isResumed ? { ...known, welcome, connect } : fresh
    return isResumed
  }

  /** The link is down. The server forgets the session after its grace period; so do we, to end the peers' streams. */
  startExpiry(): void {
    this.#clearExpiry()
    // The server chose it: delays beyond the range of timers would fire at once.
    const graceMs = Math.min(this.#current?.welcome.graceMs ?? 0, MAX_TIMER_MS)
    this.#keptUntilMs = this.#settings.clock.now() + Math.min(graceMs, MAX_KEPT_MS)
    const error = new ProxyError('SESSION_EXPIRED', `no link for ${graceMs} ms, the server's grace period`)
    this.#expiryTimer = this.#settings.clock.setTimeout(() => this.end(error), graceMs)
  }

  end(error: ProxyError): void {
    this.#clearExpiry()
    const current = this.#current
    if (current === null) return
    this.#current = null
    current.session.destroy(error)
    this.#onLost(error)
  }

  #clearExpiry(): void {
    this.#settings.clock.clearTimeout(this.#expiryTimer)
    this.#expiryTimer = null
  }
}
