import type { DuplexLike, ProxyError } from '@swarmway/proxy-protocol'
import type { Connect, UplinkSettings } from '../../options.js'
import { HeldDuplex } from '../links/held-duplex.js'
import { BetterServer, type MoveHost } from './better-server.js'
import { describeFailure } from './failure.js'
import { NextTry } from './next-try.js'
import { Pacing } from './pacing.js'
import { type Failure, ServerChoice } from './server-choice.js'

/** An attempt of this age may be given up for another: it began before the network was back. */
const YOUNG_MS = 1000
/** A duplex of the application waits no longer than this: its server gives up a link that does not greet. */
const MAX_HELD_MS = 5000

/** What {@link Tries} needs of the uplink. */
export interface TriesHost extends MoveHost {
  /** The server that holds the session, if there is one. */
  holder(): Connect | null
  /** Milliseconds for which it still holds it; 0 while there is a link. */
  graceLeftMs(): number
  /** Whether an attempt is being made. */
  isTrying(): boolean
  /** Begins an attempt. */
  attempt(connect: Connect): void
}

/** Decides when the next attempt is made and at which server, for every caller. */
export class Tries {
  readonly #settings: UplinkSettings
  readonly #host: TriesHost
  readonly #pacing: Pacing
  readonly #servers: ServerChoice
  readonly #next: NextTry
  readonly #better: BetterServer
  /** A duplex of the application that waits for its turn. */
  #given: HeldDuplex | null = null
  /** The one that the latest attempt uses, if it comes so far. */
  #used: HeldDuplex | null = null
  #hasTried = false
  /** Counts stops: what was measured before one is of no use. */
  #generation = 0

  constructor(settings: UplinkSettings, host: TriesHost) {
    this.#settings = settings
    this.#host = host
    this.#pacing = new Pacing(settings)
    this.#servers = new ServerChoice(settings)
    this.#better = new BetterServer(settings, this.#servers, host)
    this.#next = new NextTry(settings.clock, (isEarly) => this.#run(isEarly))
  }

  /** Milliseconds until the next attempt; null if none is to come. */
  get leftMs(): number | null {
    return this.#next.leftMs
  }

  /** The first attempt, or one after a pause. */
  start(): void {
    this.#servers.readmit()
    if (this.#hasTried) this.#hasten(0)
    else if (this.#settings.serverOrder === 'nearest') void this.#startNearest()
    else this.#run(false)
  }

  /** The application wants an attempt, over its duplex if it has one. */
  ask(duplex?: DuplexLike): void {
    this.#servers.readmit()
    if (duplex !== undefined) {
      this.#given?.drop()
      this.#given = new HeldDuplex(duplex)
    }
    this.#hasten(0)
  }

  /** An attempt may succeed now. A server that has asked us to wait is not asked earlier. */
  wake(): void {
    const choice = this.#servers.next(this.#host.holder())
    if (choice !== null && this.#settings.reconnects) this.#hasten(choice.waitMs)
  }

  /** Sets the time of the next attempt. Returns the milliseconds until then; null if there will be none. */
  schedule(): number | null {
    // A duplex of the application has its turn, whatever the servers have asked for.
    if (this.#given !== null && this.#next.leftMs !== null) return this.#next.leftMs
    const choice = this.#settings.reconnects ? this.#servers.next(this.#host.holder()) : null
    if (choice === null) return null
    const waitMs = Math.max(choice.pauseMs ?? this.#pacing.waitMs(this.#servers.count), choice.waitMs)
    this.#next.set(waitMs, false)
    return waitMs
  }

  /** Milliseconds that an attempt at this server may take. */
  timeoutMs(connect: Connect): number {
    const { connectTimeoutMs } = this.#settings
    const hasOthers = connect === this.#host.holder() && this.#servers.count > 1
    return hasOthers ? Math.min(this.#servers.patienceMs(connect), connectTimeoutMs) : connectTimeoutMs
  }

  /** A server has accepted us. Which ones are better is looked at while the session lasts. */
  welcomed(connect: Connect, isMove: boolean): void {
    this.#used = null
    // What was planned while we had no link.
    if (this.#given === null) this.#next.clear()
    this.#servers.succeeded(connect, isMove ? 0 : this.#pacing.sinceTryMs)
    this.#better.watch(isMove ? connect : null)
  }

  /** How much room the servers have; see `ServerChoice`. */
  weigh(roomOf: (connect: Connect) => number): void {
    this.#servers.weigh(this.#host.holder(), roomOf)
  }

  /** Further servers that may be tried. */
  learn(learned: readonly Connect[]): void {
    this.#servers.learn(learned)
    if (this.#host.server() !== null) this.#better.watch()
  }

  /** The server is about to stop: if there are others, it is not tried for this long. Returns one; null if there is none. */
  leave(connect: Connect, waitMs: number): Connect | null {
    // The only one may be back sooner.
    if (this.#servers.count < 2) return null
    this.#servers.failed(connect, { isFinal: false, waitMs })
    const choice = this.#servers.next(null)
    return choice === null || choice.connect === connect || choice.waitMs > 0 ? null : choice.connect
  }

  /**
   * A server sends us to another. Returns the milliseconds until we may go: at once the first time, later each time that
   * follows soon, because two servers could send us back and forth for ever.
   */
  sentAway(): number {
    const waitMs = this.#pacing.earlyWaitMs()
    this.#pacing.began(true)
    return waitMs
  }

  /** Whether the server may be tried now. */
  mayTry(connect: Connect): boolean {
    return this.#servers.mayTry(connect)
  }

  /** How the last try at the server failed; null if it did not. */
  lastCode(connect: Connect): string | null {
    return this.#servers.lastCode(connect)
  }

  /**
   * A server did not resume the session, or begin one, although another is at hand. Returns whether it is waited for all the
   * same.
   */
  passedOver(connect: Connect, error: ProxyError): boolean {
    const failure = describeFailure(error, this.lastCode(connect), this.#settings)
    this.#servers.failed(connect, failure)
    return this.#awaitsHolder(connect, failure)
  }

  failed(connect: Connect, error: ProxyError): void {
    this.#used?.drop()
    this.#used = null
    // The pause before others are tried does not grow with the tries at a server that is waited for.
    if (!this.passedOver(connect, error)) this.#pacing.failed()
  }

  /** A link has ended after this time; `isOver` if its session has, too, so that others may serve us as well. */
  linkEnded(connect: Connect, livedMs: number, isOver: boolean): void {
    this.#better.linkEnded()
    const isGood = this.#pacing.linkEnded(livedMs)
    if (isGood) this.#servers.forgive()
    if (isOver || !isGood) this.#servers.failed(connect, { isFinal: false })
  }

  stop(): void {
    this.#generation++
    this.#better.end()
    this.#next.clear()
    for (const held of [this.#given, this.#used]) held?.drop()
    this.#given = null
    this.#used = null
  }

  /** A server that holds the session and is only busy is worth waiting for, if it is tried again before the session is over. */
  #awaitsHolder(connect: Connect, { isBusy = false }: Failure): boolean {
    if (!isBusy || connect !== this.#host.holder()) return false
    return this.#servers.awaitHolder(connect, (failures) => this.#pacing.afterMs(failures), this.#host.graceLeftMs())
  }

  async #startNearest(): Promise<void> {
    const generation = this.#generation
    await this.#better.measure()
    if (generation === this.#generation && !this.#hasTried) this.#run(false)
  }

  #hasten(atLeastMs: number): void {
    const isGiven = this.#given !== null
    if (!isGiven && this.#host.isTrying() && this.#pacing.sinceTryMs < YOUNG_MS) return
    const earlyMs = this.#pacing.earlyWaitMs()
    const waitMs = Math.max(atLeastMs, isGiven ? Math.min(earlyMs, MAX_HELD_MS) : earlyMs)
    if (waitMs > 0) this.#next.hasten(waitMs)
    else this.#run(true)
  }

  #run(isEarly: boolean): void {
    this.#next.clear()
    const given = this.#given
    this.#given = null
    this.#used?.drop()
    this.#used = given
    const connect = given === null ? this.#servers.next(this.#host.holder())?.connect : () => given.take()
    if (connect === undefined) return
    this.#hasTried = true
    this.#pacing.began(isEarly)
    this.#servers.tried(connect)
    this.#host.attempt(connect)
  }
}
