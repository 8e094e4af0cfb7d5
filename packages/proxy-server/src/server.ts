import { type DuplexLike, Link, limitReached, type ProxyError } from '@swarmway/proxy-protocol'
import { TypedEmitter } from '@swarmway/swarm/core'
import { ClientLink } from './client-link.js'
import type { ClientSession } from './client-session.js'
import type { ServerContext } from './context.js'
import { Counters } from './counters.js'
import { AddressPolicy } from './dht/addresses.js'
import { HyperDHT } from './dht/native.js'
import { DhtQueue } from './discovery/dht-queue.js'
import { TopicHub } from './discovery/hub.js'
import { SharedLookups } from './discovery/shared-lookups.js'
import { drain } from './drain.js'
import { protocolLimits } from './limits.js'
import { Listeners } from './listening/listeners.js'
import { type ProxyServerOptions, type Settings, settle } from './options.js'
import { collectServerStats, type ServerStats } from './server-stats.js'
import { Sessions, serverClosing } from './sessions.js'
import { BufferBudget } from './streams/budget.js'
import type { DhtAddress, HyperDht } from './types/hyperdht.js'

/** Events of a {@link ProxyServer}. There is no 'error': a fault of a client is the end of that client. */
export type ProxyServerEvents = {
  /** A client has come in, with a new session. */
  client: [session: ClientSession]
  /** A session is over; `error.code` says why. */
  'client-close': [session: ClientSession, error: ProxyError]
  /** A link was not let in; `error.code` says why. */
  denied: [error: ProxyError, link: ClientLink]
}

/** What `handleStream` may be told about a duplex. */
export interface StreamInfo {
  /** Where it comes from, for `authenticate` and for logs. */
  remoteAddress?: string | undefined
}

/**
 * Carries the swarms of clients that have no UDP socket: any duplex is a link. The clients keep their keys, what they
 * say to their peers is encrypted end to end.
 */
export class ProxyServer extends TypedEmitter<ProxyServerEvents> {
  readonly #settings: Settings
  readonly #context: ServerContext
  readonly #sessions: Sessions
  readonly #greeting = new Set<ClientLink>()
  readonly #ownDht: HyperDht | null
  #destroying: Promise<void> | null = null

  /** @throws TypeError that names the first bad option */
  constructor(options: ProxyServerOptions = {}) {
    super()
    this.#settings = settle(options)
    this.#ownDht = options.dht === undefined ? createDht(options) : null
    this.#context = createContext(this.#settings, this.#ownDht ?? (options.dht as HyperDht | null))
    const { authenticate } = options
    this.#sessions = new Sessions(
      this.#context,
      { authenticate, graceMs: this.#settings.graceMs },
      {
        onOpen: (session) => this.emit('client', session),
        onClose: (session, error) => this.emit('client-close', session, error)
      }
    )
  }

  /** The live sessions, those that wait for their client to come back included. */
  get clients(): ReadonlySet<ClientSession> {
    return this.#sessions.all
  }

  /** The HyperDHT instance, or null. */
  get dht(): object | null {
    return this.#context.dht
  }

  /** Whether `destroy` was called. */
  get destroyed(): boolean {
    return this.#destroying !== null
  }

  /** A snapshot of all numbers. */
  get stats(): ServerStats {
    return collectServerStats(this.#context, this.clients, this.#greeting.size)
  }

  /**
   * Takes a link. Any duplex of bytes will do, Node's or streamx's; nobody else may read, write or end it from now on.
   * Whatever it carries, and however it ends, nothing is thrown.
   */
  handleStream(duplex: DuplexLike, { remoteAddress }: StreamInfo = {}): ClientLink {
    const { clock, limits } = this.#context
    const link = new Link(duplex, null, { clock, limits: protocolLimits(limits) })
    link.maxFrameBytes = limits.maxGreetingBytes
    const arrival = new ClientLink(link, this.#doorkeeper(), remoteAddress ?? null)
    this.#greeting.add(arrival)
    if (this.destroyed) arrival.deny(serverClosing())
    else if (this.#greeting.size > limits.maxGreetings) arrival.deny(limitReached('greetings', limits.maxGreetings))
    return arrival
  }

  /**
   * Ends the server: no more links, announcements withdrawn and streams drained for at most `drainMs`, then clients
   * are told SERVER_CLOSING. The server's own DHT node is destroyed, a borrowed one is not. Resolves when all is done.
   */
  destroy(): Promise<void> {
    this.#destroying ??= this.#destroy()
    return this.#destroying
  }

  #doorkeeper() {
    return {
      clock: this.#context.clock,
      timeoutMs: this.#context.limits.handshakeTimeoutMs,
      admit: (...args: Parameters<Sessions['admit']>) => this.#sessions.admit(...args),
      onGreeted: (link: ClientLink, error: ProxyError | null) => this.#onGreeted(link, error)
    }
  }

  #onGreeted(link: ClientLink, error: ProxyError | null): void {
    this.#greeting.delete(link)
    if (error === null) return
    this.#context.counters.countDenied(error.code)
    this.emit('denied', error, link)
  }

  async #destroy(): Promise<void> {
    const { budget, clock, hub, lookups } = this.#context
    for (const link of [...this.#greeting]) link.deny(serverClosing())
    await drain([...this.clients], clock, this.#settings.drainMs)
    for (const session of [...this.clients]) session.destroy(serverClosing())
    lookups?.destroy()
    hub.destroy()
    budget.destroy()
    await this.#ownDht?.destroy()
  }
}

function createDht({ bootstrap, host, port }: ProxyServerOptions): HyperDht {
  const given = Object.entries({ bootstrap, host, port }).filter(([, value]) => value !== undefined)
  return new HyperDHT(Object.fromEntries(given))
}

function createContext(settings: Settings, dht: HyperDht | null): ServerContext {
  const { allowPrivateAddresses, clock, connectClients, limits } = settings
  const counters = new Counters()
  const queue = new DhtQueue(limits.maxDhtQueries, clock)
  const tools = { queue, clock, counters, cacheMs: settings.lookupCacheMs }
  const relayAddresses = (publicKey: Uint8Array): DhtAddress[] => listeners().get(publicKey)?.relayAddresses ?? []
  const context = {
    dht,
    limits,
    clock,
    counters,
    queue,
    addresses: new AddressPolicy(allowPrivateAddresses, dht),
    budget: new BufferBudget(limits.maxBufferedBytes, clock),
    lookups: dht && new SharedLookups(dht, tools),
    hub: new TopicHub({ maxLocalPeers: limits.maxLocalPeers, relayAddresses }, connectClients),
    listeners: null as unknown as Listeners
  }
  // Each needs the other: topics name the addresses of keys, and keys work in the same context.
  const listeners = (): Listeners => context.listeners
  context.listeners = new Listeners(context, connectClients)
  return context
}
