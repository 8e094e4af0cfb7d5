import {
  type DuplexLike,
  Link,
  NONCE_BYTES,
  ProxyError,
  printable,
  Session,
  type SessionOptions,
  type Welcome
} from '@swarmway/proxy-protocol'
import { type Clock, deadlineClock, reasonOf, trace } from '@swarmway/runtime'
import b4a from 'b4a'
import sodium from 'sodium-universal'
import type { Connect, UplinkSettings } from '../options.js'
import { askForCredentials } from './credentials.js'
import { type Challenge, CurrentSession, type ResumableSession } from './current-session.js'
import { greet } from './greeting.js'
import { openDuplex } from './open-duplex.js'
import { watchPage } from './page-lifecycle.js'
import { retryWaitMs } from './retry-wait.js'
import { ServerChoice } from './server-choice.js'

/** Events of the link and the session. */
export interface UplinkListener {
  /** The handlers for the server's requests; used for each new session. */
  readonly sessionOptions: Pick<SessionOptions, 'onRequest' | 'onNotify' | 'onStream'>
  /** A link is up. `isResumed` is false with a new session, which knows nothing of an earlier one. */
  onConnected(session: Session, isResumed: boolean): void
  /** The link is down or could not be made. `retryMs` is null if no retry follows. */
  onDisconnected(error: ProxyError, retryMs: number | null): void
  /** The session has ended. */
  onSessionLost(error: ProxyError): void
}

/** Number of uplinks made in this process. */
let made = 0

/**
 * Keeps one session with a proxy server alive over successive links: opens them, greets, resumes, waits, and
 * tries the next server. At most one link exists at a time.
 */
export class Uplink {
  /** Names its sessions in traces. */
  readonly #label = `client-${++made}`
  readonly #settings: UplinkSettings
  /** Watches its links itself. */
  readonly #linkClock: Clock
  readonly #listener: UplinkListener
  readonly #servers: ServerChoice
  readonly #current: CurrentSession
  #link: Link | null = null
  /** Counts attempts: results of an earlier attempt find another number. */
  #attempt = 0
  /** What an attempt waits for. */
  #pending: { abandon(): void } | null = null
  /** Attempts since the last link. */
  #failures = 0
  #lastError: ProxyError | null = null
  #retryTimer: unknown = null
  #isStopped = true
  #unwatchPage: (() => void) | null = null

  constructor(settings: UplinkSettings, listener: UplinkListener) {
    this.#settings = { ...settings, clock: deadlineClock(settings.clock) }
    this.#linkClock = settings.clock
    this.#listener = listener
    this.#servers = new ServerChoice(settings)
    this.#current = new CurrentSession(this.#settings, (error) => {
      trace.client?.('session-lost', { session: this.#label, ...reasonOf(error) })
      listener.onSessionLost(error)
    })
  }

  /** The session, with or without a link; null before the first WELCOME and after a loss. */
  get session(): Session | null {
    return this.#current.session
  }

  /** What proofs of this session are bound to. */
  get challenge(): Challenge | null {
    return this.#current.challenge
  }

  get isConnected(): boolean {
    return this.session?.attached === true
  }

  /** Opens the first link. */
  start(): void {
    if (!this.#isStopped) return
    this.#begin()
    this.#connect()
  }

  /** Resumes over this duplex, or tries at once. */
  reconnect(duplex?: DuplexLike): void {
    this.#begin()
    this.#dropLink()
    if (duplex === undefined) this.#connect()
    else void this.#open(() => duplex, duplex)
  }

  /** Closes the link and the session, and opens no others until `start` or `reconnect`. */
  stop(error: ProxyError): void {
    this.#isStopped = true
    this.#unwatchPage?.()
    this.#unwatchPage = null
    this.#clearRetry()
    this.#pending?.abandon()
    this.#attempt++
    // The session says goodbye on its link; a link that is still being greeted is just closed.
    if (this.session === null) this.#link?.close(error)
    this.#current.end(error)
    this.#link = null
  }

  /**
   * A page that is closed takes leave, so that its peers need not wait for it. Before the back/forward cache, in which the
   * browser would close the socket as if the page were gone, the link is cut: if the page returns, the session resumes.
   */
  #begin(): void {
    this.#isStopped = false
    this.#servers.reset()
    this.#unwatchPage ??= watchPage({
      onClose: () => this.session?.destroy(new ProxyError('DESTROYED', 'the page was closed')),
      onCached: () => this.#link?.destroy(new ProxyError('LINK_CLOSED', 'the page is in the back/forward cache'))
    })
  }

  #connect(): void {
    this.#clearRetry()
    const connect = this.#servers.next()
    if (connect !== null && !this.#isStopped) void this.#open(connect)
  }

  /** `given` is the duplex of an application, which is open before anybody listens to it. */
  async #open(connect: Connect, given?: DuplexLike): Promise<void> {
    this.#clearRetry()
    this.#pending?.abandon()
    given?.on('error', ignore)
    const attempt = ++this.#attempt
    const isCurrent = () => attempt === this.#attempt && !this.#isStopped
    trace.client?.('connecting', { session: this.#label })
    try {
      const credentials = this.#credentials(connect)
      const auth = credentials instanceof Uint8Array ? credentials : await credentials
      const duplex = isCurrent() ? await this.#openDuplex(connect) : given
      if (isCurrent() && duplex !== undefined) await this.#greet(duplex, connect, auth)
      else duplex?.destroy()
    } catch (error) {
      if (isCurrent()) this.#onFailed(error, connect)
      given?.destroy()
    }
  }

  #credentials(connect: Connect): Uint8Array | Promise<Uint8Array> {
    const { auth } = this.#settings
    if (typeof auth !== 'function') return auth
    const request = { attempt: this.#failures + 1, url: connect.url ?? null, lastError: this.#lastError }
    const pending = askForCredentials(auth, request, this.#settings)
    this.#pending = pending
    return pending.bytes
  }

  #openDuplex(connect: Connect): Promise<DuplexLike> {
    const { clock, connectTimeoutMs } = this.#settings
    const opening = openDuplex(connect, clock, connectTimeoutMs)
    this.#pending = opening
    return opening.duplex
  }

  #greet(duplex: DuplexLike, connect: Connect, auth: Uint8Array): Promise<void> {
    const { clock, limits } = this.#settings
    const link = new Link(duplex, null, { clock: this.#linkClock, limits, keepsAlive: true })
    this.#link = link
    const known = this.#current.resumable
    // Created before the answer, because the server wants to know its limits; kept only if it starts a new session.
    const fresh = this.#makeSession()
    const resume = known && { ...known.welcome, received: known.session.received }
    const clientNonce = b4a.alloc(NONCE_BYTES)
    sodium.randombytes_buf(clientNonce)
    const onWelcome = (welcome: Welcome) =>
      this.#onWelcome(link, known, { session: fresh, welcome, clientNonce, connect, beganMs: clock.now() })
    const { announcedLimits } = fresh
    return greet({ auth, link, limits: announcedLimits, clientNonce, resume, settings: this.#settings, onWelcome })
  }

  #makeSession(): Session {
    const { clock, limits } = this.#settings
    const session: Session = new Session({
      isInitiator: true,
      label: this.#label,
      clock,
      limits,
      ...this.#listener.sessionOptions,
      onDetach: (error) => this.#onDetach(session, error),
      onClose: (error) => this.#onClose(session, error)
    })
    return session
  }

  #onWelcome(link: Link, known: ResumableSession | null, fresh: ResumableSession): void {
    const { connect, welcome } = fresh
    this.#servers.succeeded(connect)
    this.#failures = 0
    const isResumed = this.#current.welcome(known, fresh)
    const session = isResumed && known !== null ? known.session : fresh.session
    session.attach(link, welcome.received, welcome.limits)
    trace.client?.('connected', { session: this.#label, resumed: isResumed, graceMs: welcome.graceMs })
    if (session.attached) this.#listener.onConnected(session, isResumed)
  }

  #onDetach(session: Session, error: ProxyError): void {
    if (session !== this.session) return
    this.#link = null
    this.#servers.forgive()
    this.#current.startExpiry()
    this.#retry(error)
  }

  /** The server, or a violation of the protocol, has ended the session. */
  #onClose(session: Session, error: ProxyError): void {
    const current = this.#current.resumable
    if (session !== current?.session) return
    this.#judge(current)
    this.#link = null
    this.#current.end(error)
    if (!this.#isStopped) this.#retry(error)
  }

  /** A server that accepts us and soon ends the session must not be asked repeatedly without a pause. */
  #judge({ beganMs, connect }: ResumableSession): void {
    const { clock, reconnectMaxMs } = this.#settings
    if (clock.now() - beganMs >= reconnectMaxMs) this.#servers.forgive()
    else this.#servers.failed(connect, false)
  }

  #onFailed(error: unknown, connect: Connect): void {
    this.#link?.destroy()
    this.#link = null
    this.#failures++
    const reason = toReason(error)
    this.#servers.failed(connect, !reason.retryable, retryWaitMs(reason, this.#lastError, this.#settings))
    this.#retry(reason)
  }

  #retry(error: ProxyError): void {
    const { clock, reconnects } = this.#settings
    this.#lastError = error
    const delayMs = reconnects && !this.#isStopped ? this.#servers.delayMs() : null
    if (delayMs !== null) this.#retryTimer = clock.setTimeout(() => this.#connect(), delayMs)
    trace.client?.('disconnected', { session: this.#label, ...reasonOf(error), retryMs: delayMs })
    this.#listener.onDisconnected(error, delayMs)
  }

  #dropLink(): void {
    if (this.isConnected) this.#current.startExpiry()
    this.session?.detach()
    this.#link?.destroy()
    this.#link = null
  }

  #clearRetry(): void {
    this.#settings.clock.clearTimeout(this.#retryTimer)
    this.#retryTimer = null
  }
}

function toReason(error: unknown): ProxyError {
  if (error instanceof ProxyError) return error
  // It may contain the other side's words, such as the names in a certificate.
  const message = printable(error instanceof Error ? error.message : String(error))
  return new ProxyError('LINK_CLOSED', `could not reach the proxy server: ${message}`, { cause: error })
}

function ignore(): void {}
