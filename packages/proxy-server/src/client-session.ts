import {
  CLIENT_NOTICE,
  CLIENT_REQUEST,
  idBody,
  keyBody,
  type Link,
  ProxyError,
  protocolError,
  Session
} from '@swarmway/proxy-protocol'
import type { AuthGrant } from './authenticate.js'
import { ClientPort } from './client-port.js'
import type { ClientStats } from './client-stats.js'
import type { ServerContext } from './context.js'
import { Records } from './dht/records.js'
import { Dials } from './dialing/dials.js'
import { Announcements } from './discovery/announcements.js'
import { Queries } from './discovery/queries.js'
import { QuerySlots } from './discovery/query-slots.js'
import { Watches } from './discovery/watches.js'
import type { ClientIdentity } from './identity.js'
import { type ClientLimits, protocolLimits } from './limits.js'
import { LinkMeter } from './link-meter.js'
import { Accepts } from './listening/accepts.js'
import { Keys } from './listening/keys.js'

/** How a session comes into being. */
export interface ClientSessionOptions {
  readonly context: ServerContext
  readonly identity: ClientIdentity
  readonly limits: ClientLimits
  /** Milliseconds that it lives without a link. */
  readonly graceMs: number
  readonly onClose: (session: ClientSession, error: ProxyError) => void
}

/** What arrives with a link. */
export interface Arrival {
  readonly link: Link
  /** Frames of the session that the client has received. */
  readonly received: number
  readonly grant: AuthGrant
  readonly remoteAddress: string | null
}

type Answer = (body: Uint8Array) => Promise<Uint8Array>

/** A client of the server: what it listens on, announces and dials. It outlives links. */
export class ClientSession {
  /** @internal */
  readonly identity: ClientIdentity
  /** Where its latest link comes from, as `handleStream` was told. */
  remoteAddress: string | null = null
  readonly #options: ClientSessionOptions
  readonly #session: Session
  readonly #port: ClientPort
  readonly #meter: LinkMeter
  readonly #accepts: Accepts
  readonly #keys: Keys
  readonly #dials: Dials
  readonly #announcements: Announcements
  readonly #queries: Queries
  readonly #watches: Watches
  readonly #slots: QuerySlots
  readonly #requests: ReadonlyMap<number, Answer>
  #graceTimer: unknown = null

  /** @internal */
  constructor(options: ClientSessionOptions) {
    const { context, identity, limits } = options
    this.#options = options
    this.identity = identity
    this.#meter = new LinkMeter(context.counters)
    this.#session = this.#makeSession(context)
    this.#port = new ClientPort({ context, session: this.#session, limits, announced: identity.limits })
    this.#accepts = new Accepts(this.#port, context.clock, context.limits.peerHandshakeTimeoutMs)
    const onKeyLost = (publicKey: Uint8Array): void => this.#announcements.dropKey(publicKey)
    this.#keys = new Keys(context, this.#port, this.#accepts, identity.serverNonce, onKeyLost)
    this.#dials = new Dials(context, this.#port)
    this.#slots = new QuerySlots(this.#port)
    this.#announcements = new Announcements(context, this.#port, this.#keys)
    const parts = { announcements: this.#announcements, slots: this.#slots }
    this.#queries = new Queries(context, this.#port, this.#keys, parts)
    this.#watches = new Watches(context.hub, this.#port)
    this.#requests = this.#makeRequests(new Records(context, this.#port, this.#slots))
  }

  /** What `authenticate` said about the client. */
  get userData(): unknown {
    return this.#port.grant.userData
  }

  /** What the client calls itself. */
  get userAgent(): string {
    return this.identity.userAgent
  }

  /** Whether it has a link at the moment. */
  get attached(): boolean {
    return this.#session.attached
  }

  /** Whether it is over. */
  get destroyed(): boolean {
    return this.#session.destroyed
  }

  /** The keys that it listens on. */
  get publicKeys(): Uint8Array[] {
    return this.#keys.list()
  }

  /** A snapshot of all numbers. */
  get stats(): ClientStats {
    return {
      ...this.#session.stats,
      keys: this.#keys.list().length,
      topics: this.#announcements.size,
      watches: this.#watches.size,
      dials: this.#dials.size,
      handshakes: this.#accepts.size,
      queries: this.#slots.used,
      bytesIn: this.#meter.bytesIn,
      bytesOut: this.#meter.bytesOut,
      resets: { ...this.#port.resets }
    }
  }

  /** Ends the session and its streams. The client is told the error's code and message. */
  destroy(error: ProxyError = new ProxyError('DESTROYED', 'the server has ended the session')): void {
    this.#session.destroy(error)
  }

  /** @internal Lets an old link go, and says how many frames have arrived. */
  prepareResume(): number {
    this.#session.detach()
    return this.#session.received
  }

  /** @internal */
  attach({ grant, link, received, remoteAddress }: Arrival): void {
    this.#stopGrace()
    this.#port.grant = grant
    this.remoteAddress = remoteAddress
    this.#meter.start(link)
    this.#session.attach(link, received, this.identity.limits)
  }

  /** @internal */
  get streamCount(): number {
    return this.#session.streams.size
  }

  /** @internal Bytes of its link that are not yet in the server's totals. */
  get linkBytes(): { bytesIn: number; bytesOut: number } {
    return this.#meter.uncounted
  }

  /** @internal Whether nothing waits to be sent or acknowledged. */
  get isDrained(): boolean {
    const { bufferedBytes, responseBytes, unackedBytes } = this.#session.stats
    return !this.attached || bufferedBytes + responseBytes + unackedBytes === 0
  }

  /** @internal Withdraws what the client announces, with its help; for the server's end. */
  async withdraw(): Promise<void> {
    const { dht } = this.#options.context
    if (dht !== null && this.attached) await this.#announcements.unannounceAll(dht)
    await this.#keys.destroy()
  }

  #makeSession({ clock, limits }: ServerContext): Session {
    return new Session({
      isInitiator: false,
      limits: protocolLimits(limits),
      clock,
      onRequest: (op, body) => this.#onRequest(op, body),
      onNotify: (op, body) => this.#onNotify(op, body),
      onDetach: () => this.#startGrace(),
      onClose: (error) => this.#onClose(error)
    })
  }

  #makeRequests(records: Records): ReadonlyMap<number, Answer> {
    const { CONNECT, FIND_PEER, LISTEN, QUERY, UNANNOUNCE, UNLISTEN } = CLIENT_REQUEST
    return new Map<number, Answer>([
      [LISTEN, (body) => this.#keys.listen(body)],
      [UNLISTEN, (body) => this.#keys.unlisten(keyBody.decode(body))],
      [QUERY, (body) => this.#queries.query(body)],
      [UNANNOUNCE, (body) => this.#queries.unannounce(body)],
      [CONNECT, (body) => this.#dials.connect(body)],
      [FIND_PEER, (body) => records.findPeer(body)],
      [CLIENT_REQUEST.MUTABLE_PUT, (body) => records.mutablePut(body)],
      [CLIENT_REQUEST.MUTABLE_GET, (body) => records.mutableGet(body)],
      [CLIENT_REQUEST.IMMUTABLE_PUT, (body) => records.immutablePut(body)],
      [CLIENT_REQUEST.IMMUTABLE_GET, (body) => records.immutableGet(body)]
    ])
  }

  /** A body that is not what its number says breaks the protocol, and ends the session. */
  async #onRequest(op: number, body: Uint8Array): Promise<Uint8Array> {
    const answer = this.#requests.get(op)
    if (answer === undefined) throw new ProxyError('NOT_FOUND', `this server knows no request ${op}`)
    try {
      return await answer(body)
    } catch (error) {
      if (error instanceof ProxyError && error.code === 'PROTOCOL_ERROR' && !error.remote) this.destroy(error)
      throw error
    }
  }

  #onNotify(op: number, body: Uint8Array): void {
    if (op === CLIENT_NOTICE.QUERY_CANCEL) this.#queries.cancel(idBody.decode(body))
    else if (op === CLIENT_NOTICE.CONNECT_CANCEL) this.#dials.cancel(idBody.decode(body))
    else if (op === CLIENT_NOTICE.WATCH) this.#watches.add(keyBody.decode(body))
    else if (op === CLIENT_NOTICE.UNWATCH) this.#watches.delete(keyBody.decode(body))
    else throw protocolError(`notification ${op} is not known here`)
  }

  #startGrace(): void {
    const { context, graceMs } = this.#options
    const error = new ProxyError('SESSION_EXPIRED', `no link for ${graceMs} ms`)
    this.#meter.stop()
    this.#graceTimer = context.clock.setTimeout(() => this.destroy(error), graceMs)
  }

  #stopGrace(): void {
    this.#options.context.clock.clearTimeout(this.#graceTimer)
    this.#graceTimer = null
  }

  #onClose(error: ProxyError): void {
    this.#stopGrace()
    this.#meter.stop()
    this.#port.onClose(error)
    this.#queries.destroy()
    this.#dials.destroy()
    this.#watches.destroy()
    this.#announcements.destroy()
    this.#accepts.destroy()
    void this.#keys.destroy()
    this.#options.onClose(this, error)
  }
}
