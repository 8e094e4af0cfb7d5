import { encodeWelcome, type Hello, type Link, type ProxyError, type ResumeClaim } from '@swarmway/proxy-protocol'
import { trace } from '@swarmway/runtime'
import b4a from 'b4a'
import { createAbort } from '../client/abort.js'
import { toClientRequest } from '../client/client-request.js'
import { ClientIdentity, isSameToken } from '../client/identity.js'
import type { ServerServices } from '../context/services.js'
import { gaveWay } from '../errors.js'
import { networkOrOwn } from '../fairness/network-places.js'
import { settleClientLimits } from '../limits.js'
import { type Authenticate, type AuthGrant, authenticate } from './authenticate.js'
import type { ClientLink } from './client-link.js'
import { type Arrival, ClientSession } from './client-session.js'
import { SessionPlaces } from './session-places.js'

/** Receives the events of sessions. */
export interface SessionsListener {
  onOpen(session: ClientSession): void
  onClose(session: ClientSession, error: ProxyError): void
}

/** Options of sessions. */
export interface SessionsOptions {
  readonly authenticate: Authenticate | undefined
  /** Milliseconds that a session stays alive without a link. */
  readonly graceMs: number
  /** Where clients can ask for their own addresses; null for nowhere. */
  readonly stunPort: number | null
}

/** The sessions of a server: admits clients and resumes their sessions. */
export class Sessions {
  /** The live sessions, those in their grace period included. */
  readonly all = new Set<ClientSession>()
  readonly #context: ServerServices
  readonly #options: SessionsOptions
  readonly #listener: SessionsListener
  readonly #places: SessionPlaces<ClientSession>
  readonly #byId = new Map<string, ClientSession>()
  #lastSerial = 0

  constructor(context: ServerServices, options: SessionsOptions, listener: SessionsListener) {
    this.#context = context
    this.#options = options
    this.#listener = listener
    this.#places = new SessionPlaces(context.limits, context.clock)
  }

  /** See `Greeter.admit`. */
  async admit(hello: Hello, { host, link, remoteAddress, request }: ClientLink): Promise<ClientSession | null> {
    const { clock, counters, limits } = this.#context
    // Before the turn, because those who are refused anyway must not take one; what has become of it meanwhile counts.
    this.#assertPlace(hello, remoteAddress)
    await this.#turn(link, networkOrOwn(remoteAddress))
    if (link.error !== null) return null
    this.#assertPlace(hello, remoteAddress)
    const { auth, resume, userAgent } = hello
    const known = { auth, userAgent, remoteAddress, request: toClientRequest(request), resumed: resume !== undefined }
    const patience = { clock, timeoutMs: limits.authTimeoutMs, gone: link.closed }
    const grant = await authenticate(this.#options.authenticate, known, patience)
    if (link.error !== null) return null
    // Looked up again, because a session may have ended and others begun while we waited.
    const before = this.#find(resume)
    const session = before ?? this.#create(hello, grant, remoteAddress)
    this.#welcome(session, before !== null, { link, grant, remoteAddress, host, received: resume?.received ?? 0 })
    const event = before === null ? 'session-open' : 'session-resumed'
    trace.server?.(event, { session: session.identity.serial, address: remoteAddress })
    if (before !== null) counters.sessionsResumed++
    else this.#listener.onOpen(session)
    return session
  }

  /** A greeting takes longer than most requests, and a session may be resumed again and again. */
  async #turn(link: Link, network: string): Promise<void> {
    const gone = createAbort()
    const turn = this.#context.greetingTurns.turn({ network }, gone.signal)
    if (turn === null) return
    this.#context.counters.countLimitHit('greetingsPerSecond')
    void link.closed.then(() => gone.abort())
    await turn.catch(ignore)
  }

  #welcome(session: ClientSession, resumed: boolean, arrival: Arrival): void {
    const { limits, wireLimits } = this.#context
    const received = resumed ? session.prepareResume() : 0
    const { resumeToken, serverNonce, sessionId } = session.identity
    const { graceMs } = this.#options
    const { link } = arrival
    link.send(encodeWelcome({ resumed, sessionId, resumeToken, received, serverNonce, limits: wireLimits, graceMs }))
    // Sent as a separate message: before the greeting, a client accepts only a small message from a server.
    link.flush()
    link.maxFrameBytes = limits.maxFrameBytes
    link.limitInput(null)
    session.attach(resumed ? arrival : { ...arrival, received: 0 })
    if (!session.destroyed) this.#places.set(session, session.network)
    if (!resumed) this.#tellStart(session)
  }

  /** Tells a new client what differs from what it assumes. */
  #tellStart(session: ClientSession): void {
    if (this.#context.dhtHealth.offline !== null) session.tellDhtState()
    if (this.#options.stunPort !== null) session.tellStunPort(this.#options.stunPort)
  }

  #find(claim: ResumeClaim | undefined): ClientSession | null {
    const session = claim && this.#byId.get(b4a.toString(claim.sessionId, 'hex'))
    return session && isSameToken(claim.resumeToken, session.identity.resumeToken) ? session : null
  }

  #create(hello: Hello, grant: AuthGrant, remoteAddress: string | null): ClientSession {
    const context = this.#context
    this.#findPlace(remoteAddress)?.destroy(gaveWay())
    const identity = new ClientIdentity(hello, ++this.#lastSerial)
    const key = b4a.toString(identity.sessionId, 'hex')
    const limits = settleClientLimits(context.limits, grant.limits)
    const { graceMs } = this.#options
    const onClose = (session: ClientSession, error: ProxyError): void => {
      this.all.delete(session)
      this.#places.delete(session)
      this.#byId.delete(key)
      if (error.code === 'SESSION_EXPIRED') context.counters.sessionsExpired++
      this.#listener.onClose(session, error)
    }
    const rateFill = context.recentRates.take(networkOrOwn(remoteAddress))
    const session = new ClientSession({ context, identity, limits, graceMs, rateFill, onClose })
    this.all.add(session)
    this.#byId.set(key, session)
    context.counters.sessionsOpened++
    return session
  }

  /** @throws ProxyError `LIMIT` if it is a newcomer's and there is no place */
  #assertPlace({ resume }: Hello, remoteAddress: string | null): void {
    if (this.#find(resume) === null) this.#findPlace(remoteAddress)
  }

  /** The session whose place a newcomer from this address needs, or null. @throws ProxyError `LIMIT` */
  #findPlace(remoteAddress: string | null): ClientSession | null {
    this.#context.load.assertNormal()
    const place = this.#places.findPlace(networkOrOwn(remoteAddress))
    if (place === null || place instanceof ClientSession) return place
    this.#context.counters.countLimitHit(place.limit)
    throw place.error
  }
}

function ignore(): void {}
