import {
  type Link,
  type MonotonicMs,
  type OtherServer,
  ProxyError,
  SERVER_NOTICES,
  Session,
  tell,
  withoutStack
} from '@swarmway/proxy-protocol'
import { reasonOf, trace } from '@swarmway/runtime'
import type { ClientIdentity } from '../client/identity.js'
import type { ServerServices } from '../context/services.js'
import { cutOff, GOING_AWAY } from '../errors.js'
import { networkOf } from '../fairness/network-of.js'
import type { ClientRateFill } from '../fairness/recent-rates.js'
import type { ClientLimits } from '../limits.js'
import type { ClientStats } from '../stats/client-stats.js'
import { LinkMeter } from '../stats/link-meter.js'
import type { AuthGrant } from './authenticate.js'
import { ClientPort } from './client-port.js'
import { GrantUpdates } from './grant-updates.js'
import { RequestHandlers } from './request-handlers.js'

/** Milliseconds to come back for a client whose WebSocket said that it is going away. */
const GOING_AWAY_MS = 2000

/** Options of a session. */
export interface ClientSessionOptions {
  readonly context: ServerServices
  readonly identity: ClientIdentity
  readonly limits: ClientLimits
  /** Milliseconds that it stays alive without a link. */
  readonly graceMs: number
  /** What it begins with of the bursts that a client may send. Default: everything. */
  readonly rateFill: ClientRateFill | undefined
  readonly onClose: (session: ClientSession, error: ProxyError) => void
}

/** What a new link brings. */
export interface Arrival {
  readonly link: Link
  /** Frames of the session that the client has received. */
  readonly received: number
  readonly grant: AuthGrant
  readonly remoteAddress: string | null
  readonly host: string | null
}

/** A client of the server, with its keys, announcements and dials. It outlives links. */
export class ClientSession {
  /** @internal */
  readonly identity: ClientIdentity
  /** The address of its latest link, as passed to `handleStream`. */
  remoteAddress: string | null = null
  readonly #options: ClientSessionOptions
  readonly #session: Session
  readonly #port: ClientPort
  readonly #meter: LinkMeter
  #handlers: RequestHandlers | null = null
  #graceTimer: unknown = null
  #grantUpdates: GrantUpdates | null = null
  #linkChangedMs: MonotonicMs

  /** @internal */
  constructor(options: ClientSessionOptions) {
    const { context, identity, limits, rateFill } = options
    this.#options = options
    this.identity = identity
    this.#meter = new LinkMeter(context.counters)
    this.#linkChangedMs = context.clock.now()
    this.#session = this.#makeSession(context)
    const { limits: announced, serial } = identity
    const listenFill = rateFill?.listens
    this.#port = new ClientPort({ context, session: this.#session, limits, announced, serial, listenFill })
  }

  /** The `userData` of the grant that `authenticate` returned. */
  get userData(): unknown {
    return this.#port.grant.userData
  }

  /** The client's own description of itself. */
  get userAgent(): string {
    return this.identity.userAgent
  }

  /** Whether the session has a link at the moment. */
  get attached(): boolean {
    return this.#session.attached
  }

  /** Whether the session is over. */
  get destroyed(): boolean {
    return this.#session.destroyed
  }

  /** The keys that the client listens on. */
  get publicKeys(): Uint8Array[] {
    return this.#handlers?.keys.list() ?? []
  }

  /** @internal The network of its latest link, see `networkOf`; of its own if the address is unknown. */
  get network(): string {
    return this.#port.network
  }

  /** @internal When its link came or went. */
  get linkChangedMs(): MonotonicMs {
    return this.#linkChangedMs
  }

  /** @internal Whether it has streams, for which a client comes back. */
  get isBusy(): boolean {
    return this.streamCount > 0
  }

  /** @internal Whether nothing would be lost with it but its place. */
  get holdsNothing(): boolean {
    if (this.#handlers === null) return true
    const { dials, handshakes, keys, queries, requestsActive, streams, topics, watches } = this.stats
    return dials + handshakes + keys + queries + requestsActive + streams + topics + watches === 0
  }

  /** A snapshot of all statistics. */
  get stats(): ClientStats {
    const handlers = this.#handlers
    return {
      ...this.#session.stats,
      keys: this.publicKeys.length,
      topics: handlers?.announcements.size ?? 0,
      watches: handlers?.watches.size ?? 0,
      dials: handlers?.dials.size ?? 0,
      handshakes: handlers?.handshakeSlots.size ?? 0,
      queries: handlers?.slots.used ?? 0,
      roundTripMs: this.#meter.roundTripMs,
      bytesIn: this.#meter.bytesIn,
      bytesOut: this.#meter.bytesOut,
      resets: { ...this.#port.resets }
    }
  }

  /** Ends the session and its streams. The client gets the error's code and message. */
  destroy(error: ProxyError = new ProxyError('DESTROYED', 'the server ended the session')): void {
    this.#session.destroy(error)
  }

  /** Ends the session as the operator's decision (`CUT_OFF`): the client stays away for a minute. */
  cutOff(): void {
    this.destroy(cutOff())
  }

  /** @internal Detaches the old link and returns the number of frames received. */
  prepareResume(): number {
    this.#session.detach()
    return this.#session.received
  }

  /** @internal */
  attach({ grant, host, link, received, remoteAddress }: Arrival): void {
    this.#stopGrace()
    this.#linkChangedMs = this.#options.context.clock.now()
    this.#port.grant = grant
    this.#port.host = host
    if (remoteAddress !== null) this.#port.network = networkOf(remoteAddress)
    this.remoteAddress = remoteAddress
    this.#meter.start(link)
    this.#session.attach(link, received, this.identity.limits)
    if (this.#handlers === null) return
    this.#grantUpdates ??= new GrantUpdates()
    const isCurrent = (): boolean => this.#port.grant === grant && !this.destroyed
    void this.#grantUpdates.apply(this.#handlers, this.#port, isCurrent)
  }

  /** @internal Tells the client whether the DHT answers. */
  tellDhtState(): void {
    const { offline } = this.#options.context.dhtHealth
    const state = { isOnline: offline === null, nextTryMs: offline?.nextTryMs ?? 0 }
    if (!this.destroyed) tell(this.#session, SERVER_NOTICES.DHT_STATE, state)
  }

  /** @internal Tells the client where it can ask for its own address. */
  tellStunPort(port: number): void {
    if (!this.destroyed) tell(this.#session, SERVER_NOTICES.STUN, port)
  }

  /** @internal Tells the client the other servers of the fleet. */
  tellServers(servers: readonly OtherServer[]): void {
    if (!this.destroyed) this.#port.notify(SERVER_NOTICES.SERVERS.number, SERVER_NOTICES.SERVERS.body.encode(servers))
  }

  /** @internal Tells the client where to go, because this server stops. */
  handOver(url: string, withinMs: number): void {
    const body = SERVER_NOTICES.HAND_OVER.body.encode({ url, withinMs })
    if (!this.destroyed) this.#port.notify(SERVER_NOTICES.HAND_OVER.number, body)
  }

  /** @internal */
  get streamCount(): number {
    return this.#session.streamCount
  }

  /** @internal Bytes of the current link that are not yet in the server's totals. */
  get linkBytes(): { bytesIn: number; bytesOut: number } {
    return this.#meter.uncounted
  }

  /** @internal Whether nothing waits to be sent or acknowledged. */
  get isDrained(): boolean {
    const { bufferedBytes, responseBytes, unackedBytes } = this.#session.stats
    return !this.attached || bufferedBytes + responseBytes + unackedBytes === 0
  }

  /** @internal Withdraws the client's announcements with its help; used when the server ends. */
  async withdraw(): Promise<void> {
    const { dht } = this.#options.context
    if (dht !== null && this.attached) await this.#handlers?.announcements.unannounceAll(dht)
    await this.#handlers?.keys.destroy()
  }

  #makeSession({ clock, wireLimits }: ServerServices): Session {
    return new Session({
      isInitiator: false,
      label: this.identity.serial,
      rateFill: this.#options.rateFill,
      limits: wireLimits,
      clock,
      onRequest: (op, body) => this.#onRequest(op, body),
      onNotify: (op, body) => this.#needHandlers().notice(op, body),
      onDetach: (error) => this.#startGrace(error),
      onClose: (error) => this.#onClose(error)
    })
  }

  #needHandlers(): RequestHandlers {
    this.#handlers ??= new RequestHandlers(this.#options.context, this.#port, this.identity)
    return this.#handlers
  }

  /** A body that does not match its operation breaks the protocol and ends the session. */
  async #onRequest(op: number, body: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#needHandlers().answer(op, body)
    } catch (error) {
      if (error instanceof ProxyError && error.code === 'PROTOCOL_ERROR' && !error.remote) this.destroy(error)
      throw error
    }
  }

  /** A session that holds nothing has nothing to resume, and loses its place with its link. */
  #startGrace(reason: ProxyError): void {
    const { clock } = this.#options.context
    const graceMs = this.#graceMs(reason)
    this.#linkChangedMs = clock.now()
    this.#meter.stop()
    if (graceMs > 0) this.#noteRates()
    trace.server?.('session-waiting', { session: this.identity.serial, graceMs, ...reasonOf(reason) })
    const error = withoutStack('SESSION_EXPIRED', `no link for ${graceMs} ms`)
    if (graceMs === 0) this.destroy(error)
    else this.#graceTimer = clock.setTimeout(() => this.destroy(error), graceMs)
  }

  /**
   * A page that went away does not come back. Its code alone does not end the session at once, because a reverse proxy
   * that is reloaded sends the same one, and its clients are back within a second.
   */
  #graceMs({ code }: ProxyError): number {
    const { graceMs } = this.#options
    if (this.holdsNothing) return 0
    return code === GOING_AWAY ? Math.min(GOING_AWAY_MS, graceMs) : graceMs
  }

  /** A client that returns with another session does not begin with a full burst. */
  #noteRates(): void {
    const fill = { ...this.#session.rateFill, listens: this.#port.listenFill }
    this.#options.context.recentRates.add(this.network, fill)
  }

  #stopGrace(): void {
    this.#options.context.clock.clearTimeout(this.#graceTimer)
    this.#graceTimer = null
  }

  #onClose(error: ProxyError): void {
    this.#stopGrace()
    this.#meter.stop()
    trace.server?.('session-closed', { session: this.identity.serial, ...reasonOf(error) })
    this.#noteRates()
    this.#port.onClose(error)
    this.#handlers?.destroy()
    this.#options.onClose(this, error)
  }
}
