import { type DuplexLike, type Link, type OtherServer, ProxyError, type Session } from '@swarmway/proxy-protocol'
import { type Clock, deadlineClock, reasonOf, trace } from '@swarmway/runtime'
import type { Connect, UplinkSettings } from '../options.js'
import { Moves } from './fleet/moves.js'
import { OtherServers } from './fleet/other-servers.js'
import { type Opened, Opener } from './links/opener.js'
import { type Challenge, CurrentSession, type ResumableSession } from './session/current-session.js'
import { Greetings, nextLabel } from './session/greetings.js'
import { type CheckReason, LinkCheck } from './session/link-check.js'
import { Surroundings } from './surroundings/surroundings.js'
import { Attempts } from './tries/attempts.js'
import { toReason } from './tries/failure.js'
import { Reports } from './tries/reports.js'
import { Tries } from './tries/tries.js'
import type { UplinkListener } from './uplink-listener.js'

/**
 * Keeps one session with a proxy server alive over successive links: opens them, greets, resumes, and leaves it to
 * {@link Tries} when and where. At most one link exists at a time.
 */
export class Uplink {
  /** Names its sessions in traces. */
  readonly #label = nextLabel()
  readonly #settings: UplinkSettings
  readonly #listener: UplinkListener
  readonly #opener: Opener
  readonly #greetings: Greetings
  readonly #moves: Moves
  readonly #tries: Tries
  readonly #current: CurrentSession
  readonly #reports: Reports
  readonly #check: LinkCheck
  readonly #attempts: Attempts
  readonly #others: OtherServers
  readonly #surroundings: Surroundings
  /** The application's servers, and those that were learned. */
  readonly #connects: Connect[]
  #link: Link | null = null
  #attachedMs = 0
  #lastError: ProxyError | null = null
  #isStopped = true

  constructor(settings: UplinkSettings, listener: UplinkListener) {
    this.#connects = [...settings.connects]
    this.#settings = { ...settings, connects: this.#connects, clock: deadlineClock(settings.clock) }
    this.#listener = listener
    this.#check = new LinkCheck(this.#settings.clock, (...dead) => this.#onDead(...dead))
    this.#tries = this.#makeTries(settings.clock)
    this.#opener = new Opener(this.#settings, {
      timeoutMs: (connect) => this.#tries.timeoutMs(connect),
      lastError: () => this.#lastError
    })
    this.#attempts = this.#makeAttempts()
    this.#greetings = this.#makeGreetings(settings.clock)
    this.#moves = this.#makeMoves()
    this.#others = this.#makeOthers(settings)
    this.#reports = new Reports(settings.clock, (error, retryMs) => listener.onDisconnected(error, retryMs))
    this.#current = new CurrentSession(this.#settings, (error) => this.#onLost(error))
    this.#surroundings = new Surroundings(settings, {
      session: () => this.session,
      link: () => this.#link,
      onWake: () => this.#wake((link) => this.#check.begin(link, 'wake')),
      onMove: (lost) => this.#wake((link) => this.#check.onMove(link, lost))
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
    this.#isStopped = false
    this.#surroundings.watch()
    this.#tries.start()
  }

  /** Resumes over this duplex, or tries at once. Soon after the last such attempt it waits a little. */
  reconnect(duplex?: DuplexLike): void {
    this.#isStopped = false
    this.#surroundings.watch()
    this.#tries.ask(duplex)
    if (duplex === undefined && !this.isConnected) this.#reports.repeat(() => this.#tries.leftMs)
  }

  /** The server has named the other servers of its fleet. */
  learn(told: readonly OtherServer[]): void {
    this.#others.learn(told)
  }

  /** The server stops within this time, and names another one; '' if it knows none. */
  leave(url: string, withinMs: number): void {
    this.#others.leave(url, withinMs)
  }

  /** Closes the link and the session, and opens no others until `start` or `reconnect`. */
  stop(error: ProxyError): void {
    this.#isStopped = true
    this.#surroundings.unwatch()
    this.#tries.stop()
    this.#moves.stop()
    this.#others.stop()
    this.#check.stop()
    this.#reports.stop()
    this.#attempts.abandon()
    // The session says goodbye on its link; a link that is still being greeted is just closed.
    if (this.session === null) this.#link?.close(error)
    this.#current.end(error)
    this.#link = null
  }

  /** A link may be possible again, or may have died unnoticed. */
  #wake(check: (link: Link) => void): void {
    if (this.isConnected && this.#link !== null) check(this.#link)
    else if (!this.#isStopped) this.#tries.wake()
  }

  #onOverdue(session: Session): void {
    if (session === this.session && this.#link !== null) this.#check.begin(this.#link, 'overdue')
  }

  #makeTries(clock: Clock): Tries {
    // Not the clock for deadlines: after a stall, a try must not wait even longer.
    return new Tries(
      { ...this.#settings, clock },
      {
        holder: () => this.#current.holder,
        graceLeftMs: () => this.#current.graceLeftMs,
        isTrying: () => this.#attempts.isTrying,
        attempt: (connect) => this.#attempt(connect),
        server: () => (this.isConnected ? this.#current.holder : null),
        isIdle: () => this.#current.isIdle,
        move: (connect) => void this.#moves.begin(connect)
      }
    )
  }

  #makeAttempts(): Attempts {
    return new Attempts(this.#settings, this.#opener, this.#tries, {
      label: this.#label,
      holder: () => this.#current.holder,
      resume: (opened) => this.#resume(opened),
      closeLink: () => this.#closeLink(),
      onPassedOver: (connect, error) => this.#onPassedOver(connect, error),
      onFailed: (connect, error) => this.#onFailed(connect, error)
    })
  }

  #makeOthers(settings: UplinkSettings): OtherServers {
    return new OtherServers(settings, this.#connects, this.#tries, {
      holder: () => this.#current.holder,
      isConnected: () => this.isConnected,
      isIdle: () => this.#current.isIdle,
      move: (connect, isForced) => void this.#moves.begin(connect, isForced)
    })
  }

  #makeGreetings(clock: Clock): Greetings {
    return new Greetings(this.#settings, clock, {
      label: this.#label,
      sessionOptions: this.#listener.sessionOptions,
      timeoutMs: (connect) => this.#tries.timeoutMs(connect),
      onOverdue: (session) => this.#onOverdue(session),
      onDetach: (session, error) => this.#onDetach(session, error),
      onClose: (session, error) => this.#onClose(session, error)
    })
  }

  #makeMoves(): Moves {
    return new Moves({
      greetings: this.#greetings,
      open: (connect) => this.#opener.open(connect),
      isIdle: () => this.#current.isIdle,
      adopt: (link, fresh) => this.#adopt(link, fresh),
      onFailed: (connect, error) => this.#onPassedOver(connect, error)
    })
  }

  /** A session at another server takes the place of the present one. */
  #adopt(link: Link, fresh: ResumableSession): void {
    this.#check.stop()
    this.#others.stop()
    this.#current.end(new ProxyError('DESTROYED', 'the client has moved to another server'))
    this.#link = link
    this.#onWelcome(link, null, fresh, true)
  }

  #attempt(connect: Connect): void {
    this.#moves.stop()
    this.#others.stop()
    this.#dropLink()
    void this.#attempts.begin(connect)
  }

  /** Greets over this duplex, and resumes the session if there is one. */
  #resume(opened: Opened): Promise<void> {
    const link = this.#greetings.createLink(opened.duplex)
    this.#link = link
    const known = this.#current.resumable
    return this.#greetings.begin(link, opened, known, (fresh) => this.#onWelcome(link, known, fresh))
  }

  #onWelcome(link: Link, known: ResumableSession | null, fresh: ResumableSession, isMove = false): void {
    const { connect, welcome } = fresh
    this.#attempts.isTrying = false
    this.#attachedMs = this.#settings.clock.now()
    this.#tries.welcomed(connect, isMove)
    this.#opener.succeeded()
    const isResumed = this.#current.welcome(known, fresh)
    const session = isResumed && known !== null ? known.session : fresh.session
    session.attach(link, welcome.received, welcome.limits)
    trace.client?.('connected', { session: this.#label, resumed: isResumed, graceMs: welcome.graceMs })
    if (session.attached) this.#listener.onConnected(session, isResumed)
  }

  #onDetach(session: Session, error: ProxyError): void {
    const current = this.#current.resumable
    if (session !== current?.session) return
    this.#onLinkEnded(current, false)
    this.#current.startExpiry()
    this.#retry(error)
  }

  /** The server, or a violation of the protocol, has ended the session. */
  #onClose(session: Session, error: ProxyError): void {
    const current = this.#current.resumable
    if (session !== current?.session) return
    this.#onLinkEnded(current, true)
    // The server has asked us to stay away for a while.
    if (error.retryAfterMs !== null) this.#tries.failed(current.connect, error)
    this.#current.end(error)
    if (!this.#isStopped) this.#retry(error)
  }

  #onLost(error: ProxyError): void {
    trace.client?.('session-lost', { session: this.#label, ...reasonOf(error) })
    this.#listener.onSessionLost(error)
  }

  #onLinkEnded({ connect }: ResumableSession, isOver: boolean): void {
    this.#link = null
    this.#check.stop()
    this.#tries.linkEnded(connect, this.#settings.clock.now() - this.#attachedMs, isOver)
  }

  #onFailed(connect: Connect, error: unknown): void {
    this.#attempts.isTrying = false
    this.#closeLink()
    const reason = toReason(error)
    this.#tries.failed(connect, reason)
    this.#retry(reason)
  }

  #onPassedOver(connect: Connect, error: unknown): boolean {
    const reason = toReason(error)
    const isAwaited = this.#tries.passedOver(connect, reason)
    this.#lastError = reason
    if (!isAwaited) return false
    this.#attempts.isTrying = false
    this.#retry(reason)
    return true
  }

  #retry(error: ProxyError): void {
    this.#lastError = error
    const retryMs = this.#isStopped ? null : this.#tries.schedule()
    trace.client?.('disconnected', { session: this.#label, ...reasonOf(error), retryMs })
    this.#reports.tell(error, retryMs)
  }

  #dropLink(): void {
    this.#check.stop()
    if (this.isConnected) this.#current.startExpiry()
    this.session?.detach()
    this.#closeLink()
  }

  /** A move concerns this client alone, so that it need not wait as those do that have lost their server together. */
  #onDead(link: Link, error: ProxyError, reason: CheckReason): void {
    link.destroy(error)
    if (reason === 'move' && !this.#isStopped) this.#tries.wake()
  }

  #closeLink(): void {
    this.#link?.destroy()
    this.#link = null
  }
}
