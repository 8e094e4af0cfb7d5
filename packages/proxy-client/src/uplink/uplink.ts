import { type DuplexLike, type Link, type OtherServer, ProxyError, type Session } from '@swarmway/proxy-protocol'
import { type Clock, deadlineClock, reasonOf, trace } from '@swarmway/runtime'
import type { Connect, UplinkSettings } from '../options.js'
import { type Challenge, CurrentSession, type ResumableSession } from './current-session.js'
import { describeFailure, toReason } from './failure.js'
import { Greetings } from './greetings.js'
import { HandOver } from './hand-over.js'
import { HeldDuplex } from './held-duplex.js'
import { LearnedServers } from './learned-servers.js'
import { type CheckReason, LinkCheck } from './link-check.js'
import { Moves } from './moves.js'
import { type Opened, Opener } from './opener.js'
import { Reports } from './reports.js'
import type { Failure } from './server-choice.js'
import { watchSurroundings } from './surroundings.js'
import { Tries } from './tries.js'
import type { UplinkListener } from './uplink-listener.js'

/** Milliseconds for which a server that said that it stops is not tried again. */
const LEFT_MS = 30_000

/** Number of uplinks made in this process. */
let made = 0

/**
 * Keeps one session with a proxy server alive over successive links: opens them, greets, resumes, and leaves it to
 * {@link Tries} when and where. At most one link exists at a time.
 */
export class Uplink {
  /** Names its sessions in traces. */
  readonly #label = `client-${++made}`
  readonly #settings: UplinkSettings
  readonly #clock: Clock
  readonly #listener: UplinkListener
  readonly #opener: Opener
  readonly #greetings: Greetings
  readonly #moves: Moves
  readonly #tries: Tries
  readonly #current: CurrentSession
  readonly #reports: Reports
  readonly #check: LinkCheck
  readonly #learned: LearnedServers
  readonly #handOver: HandOver
  /** The application's servers, and those that were learned. */
  readonly #connects: Connect[]
  readonly #ownServers: readonly Connect[]
  /** Where a server that is about to stop has sent us. */
  #next: Connect | null = null
  #link: Link | null = null
  #attachedMs = 0
  /** Counts attempts: results of an earlier attempt find another number. */
  #attempts = 0
  #isTrying = false
  #lastError: ProxyError | null = null
  #isStopped = true
  #unwatch: (() => void) | null = null

  constructor(settings: UplinkSettings, listener: UplinkListener) {
    this.#ownServers = settings.connects
    this.#connects = [...settings.connects]
    this.#settings = { ...settings, connects: this.#connects, clock: deadlineClock(settings.clock) }
    this.#learned = new LearnedServers(settings)
    const isIdle = () => this.#current.isIdle
    this.#handOver = new HandOver(settings.clock, { isIdle, go: (isForced) => this.#follow(isForced) })
    this.#clock = settings.clock
    this.#listener = listener
    this.#check = new LinkCheck(this.#settings.clock, (...dead) => this.#onDead(...dead))
    this.#tries = this.#makeTries()
    this.#opener = new Opener(this.#settings, {
      timeoutMs: (connect) => this.#tries.timeoutMs(connect),
      lastError: () => this.#lastError
    })
    this.#greetings = this.#makeGreetings()
    this.#moves = this.#makeMoves()
    this.#reports = new Reports(settings.clock, (error, retryMs) => listener.onDisconnected(error, retryMs))
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
    this.#tries.start()
  }

  /** Resumes over this duplex, or tries at once. Soon after the last such attempt it waits a little. */
  reconnect(duplex?: DuplexLike): void {
    this.#begin()
    this.#tries.ask(duplex)
    if (duplex === undefined && !this.isConnected) this.#reports.repeat(() => this.#tries.leftMs)
  }

  /** The server has named the other servers of its fleet. */
  learn(told: readonly OtherServer[]): void {
    if (this.#settings.fleet === null || !this.#settings.reconnects) return
    const learned = this.#learned.update(told, this.#current.holder)
    this.#connects.splice(0, this.#connects.length, ...this.#ownServers, ...learned)
    this.#tries.learn(learned)
  }

  /** The server stops within this time, and names another one; '' if it knows none. */
  leave(url: string, withinMs: number): void {
    const { holder } = this.#current
    if (holder === null || !this.#settings.reconnects) return
    const other = this.#tries.leave(holder, LEFT_MS)
    const named = this.#learned.find(url)
    this.#next = named === holder ? other : (named ?? other)
    if (this.#next !== null) this.#handOver.begin(withinMs)
  }

  /** Closes the link and the session, and opens no others until `start` or `reconnect`. */
  stop(error: ProxyError): void {
    this.#isStopped = true
    this.#unwatch?.()
    this.#unwatch = null
    this.#tries.stop()
    this.#moves.stop()
    this.#handOver.stop()
    this.#check.stop()
    this.#reports.stop()
    this.#opener.abandon()
    this.#attempts++
    this.#isTrying = false
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
    this.#unwatch ??= watchSurroundings({
      clock: this.#clock,
      wallClock: this.#settings.wallClock,
      onWake: () => this.#wake('wake'),
      onMove: () => this.#wake('move'),
      onClose: () => this.session?.destroy(new ProxyError('DESTROYED', 'the page was closed')),
      onCached: () => this.#link?.destroy(new ProxyError('LINK_CLOSED', 'the page is in the back/forward cache'))
    })
  }

  /** A link may be possible again, or may have died unnoticed. */
  #wake(why: CheckReason): void {
    if (this.isConnected && this.#link !== null) this.#check.begin(this.#link, why)
    else if (!this.#isStopped) this.#tries.wake()
  }

  #onOverdue(session: Session): void {
    if (session === this.session && this.#link !== null) this.#check.begin(this.#link, 'overdue')
  }

  /** Goes where the server has sent us; if that has failed, to another. */
  #follow(isForced: boolean): void {
    const { holder } = this.#current
    if (this.#next === null || holder === null || !this.isConnected) return
    if (this.#tries.lastCode(this.#next) !== null) this.#next = this.#tries.leave(holder, LEFT_MS) ?? this.#next
    void this.#moves.begin(this.#next, isForced)
  }

  #makeTries(): Tries {
    // Not the clock for deadlines: after a stall, a try must not wait even longer.
    return new Tries(
      { ...this.#settings, clock: this.#clock },
      {
        holder: () => this.#current.holder,
        isTrying: () => this.#isTrying,
        attempt: (connect) => void this.#attempt(connect),
        server: () => (this.isConnected ? this.#current.holder : null),
        isIdle: () => this.#current.isIdle,
        move: (connect) => void this.#moves.begin(connect)
      }
    )
  }

  #makeGreetings(): Greetings {
    return new Greetings(this.#settings, this.#clock, {
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
    this.#handOver.stop()
    this.#current.end(new ProxyError('DESTROYED', 'the client has moved to another server'))
    this.#link = link
    this.#onWelcome(link, null, fresh, true)
  }

  async #attempt(connect: Connect): Promise<void> {
    this.#moves.stop()
    this.#handOver.stop()
    this.#dropLink()
    this.#opener.abandon()
    const attempt = ++this.#attempts
    const isCurrent = () => attempt === this.#attempts && !this.#isStopped
    this.#isTrying = true
    trace.client?.('connecting', { session: this.#label })
    try {
      await this.#reach(connect, isCurrent)
    } catch (error) {
      if (isCurrent()) this.#onFailed(error, connect)
    }
  }

  async #reach(connect: Connect, isCurrent: () => boolean): Promise<void> {
    const opened = await this.#opener.open(connect)
    if (!isCurrent()) return void opened.duplex.destroy()
    const { holder } = this.#current
    const { connects } = this.#settings
    const isOther = holder !== connect && connects.includes(connect)
    if (holder !== null && isOther && this.#tries.mayTry(holder)) await this.#preferHolder(holder, opened, isCurrent)
    else await this.#resume(opened)
  }

  /**
   * Another server has answered, so there is a network again: the one that holds the session gets a last chance before
   * the session is given up.
   */
  async #preferHolder(holder: Connect, other: Opened, isCurrent: () => boolean): Promise<void> {
    const spare = new HeldDuplex(other.duplex)
    const isResumed = await this.#tryHolder(holder, isCurrent)
    if (isResumed || !isCurrent()) spare.drop()
    else await this.#resume({ ...other, duplex: spare.take() })
  }

  async #tryHolder(holder: Connect, isCurrent: () => boolean): Promise<boolean> {
    try {
      const opened = await this.#opener.open(holder)
      if (isCurrent()) await this.#resume(opened)
      else opened.duplex.destroy()
      return true
    } catch (error) {
      if (!isCurrent()) return false
      this.#closeLink()
      this.#onPassedOver(holder, error)
      return false
    }
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
    this.#isTrying = false
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
    if (error.retryAfterMs !== null) this.#tries.failed(current.connect, this.#describe(current.connect, error))
    this.#current.end(error)
    if (!this.#isStopped) this.#retry(error)
  }

  #onLinkEnded({ connect }: ResumableSession, isOver: boolean): void {
    this.#link = null
    this.#check.stop()
    this.#tries.linkEnded(connect, this.#settings.clock.now() - this.#attachedMs, isOver)
  }

  #onFailed(error: unknown, connect: Connect): void {
    this.#isTrying = false
    this.#closeLink()
    const reason = toReason(error)
    this.#tries.failed(connect, this.#describe(connect, reason))
    this.#retry(reason)
  }

  #onPassedOver(connect: Connect, error: unknown): void {
    this.#lastError = toReason(error)
    this.#tries.passedOver(connect, this.#describe(connect, this.#lastError))
  }

  #describe(connect: Connect, reason: ProxyError): Failure {
    return describeFailure(reason, this.#tries.lastCode(connect), this.#settings)
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
