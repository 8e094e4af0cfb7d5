import { type DuplexLike, Link, limitReached, type ProxyError } from '@swarmway/proxy-protocol'
import { reasonOf, trace } from '@swarmway/runtime'
import { type OfflineState, TypedEmitter } from '@swarmway/swarm/core'
import { createResources } from './context/resources.js'
import { createServices, type ServerServices } from './context/services.js'
import type { DhtAddress } from './dht/hyperdht.js'
import { ServerNode } from './dht/server-node.js'
import { serverClosing } from './errors.js'
import { networkOrOwn } from './fairness/network-places.js'
import { Refusals } from './fairness/refusals.js'
import type { Fleet } from './fleet/fleet.js'
import type { FleetState, FleetTrouble } from './fleet/fleet-host.js'
import type { ServerLimits } from './limits.js'
import { ForgottenKeys } from './listening/forgotten-keys.js'
import { type ProxyServerOptions, type Settings, settle } from './options.js'
import { toldPeer, topic32 } from './rendezvous/told-peer.js'
import { ClientLink } from './sessions/client-link.js'
import type { ClientSession } from './sessions/client-session.js'
import { drain } from './sessions/drain.js'
import { Greetings } from './sessions/greetings.js'
import { handOver } from './sessions/hand-over.js'
import { Sessions } from './sessions/sessions.js'
import type { StreamInfo } from './sessions/stream-info.js'
import { collectServerStats, type ServerStats } from './stats/server-stats.js'

/** Events of a {@link ProxyServer}. There is no 'error' event: a client's fault ends only that client. */
export type ProxyServerEvents = {
  /** A client was admitted with a new session. */
  client: [session: ClientSession]
  /** A session is over; `error.code` gives the reason. */
  'client-close': [session: ClientSession, error: ProxyError]
  /** The first client looks up or announces the topic, or the last such client has left it. */
  topic: [topic: Uint8Array, isOpen: boolean]
  /** A link was denied; `error.code` gives the reason. */
  denied: [error: ProxyError, link: ClientLink]
  /** No DHT node answers any more: clients find only each other. It is tried again in `nextTryMs`. */
  offline: [state: { nextTryMs: number | null }]
  /** The DHT answers again. Keys are announced again at once, and clients look up and announce. */
  online: []
  /** The fleet's broker was reached or lost, or another server of the fleet has come or gone. */
  fleet: [state: FleetState]
  /**
   * The port for links of the fleet's other servers cannot be opened, or the broker does not answer or refuses something, such
   * as a subject: clients of other servers do not find those of this server. Or no link can be opened to another server, which
   * the error names, once a minute at most for each. The server runs on, and tries again.
   */
  'fleet-error': [error: Error, what: FleetTrouble]
}

/** Options of `connectClientsTo`. */
export interface ConnectClientsOptions {
  /** DHT nodes through which the peer can be reached, or its own address; at most 8. Default: none. */
  relayAddresses?: readonly DhtAddress[] | undefined
}

/**
 * Carries the swarms of clients that have no UDP socket; any duplex can be a link. The clients keep their keys, and
 * their traffic with peers is encrypted end to end.
 */
export class ProxyServer extends TypedEmitter<ProxyServerEvents> {
  readonly #settings: Settings
  readonly #context: ServerServices
  readonly #sessions: Sessions
  readonly #greeting: Greetings
  readonly #refusals: Refusals
  readonly #node: ServerNode
  readonly #forgottenKeys: ForgottenKeys
  #tooManyGreetings: ProxyError | null = null
  #destroying: Promise<void> | null = null

  /** @throws TypeError that names the first bad option; SwarmError UNSUPPORTED_RUNTIME in Bun and Deno, unless `dht` is given */
  constructor(options: ProxyServerOptions = {}) {
    super()
    this.#settings = settle(options)
    this.#node = new ServerNode(options)
    try {
      const { dht } = this.#node
      const onTopic = (topic: Uint8Array, isOpen: boolean) => this.#tell('topic', topic, isOpen)
      this.#context = createServices(createResources(this.#settings, dht), this.#settings, onTopic)
      const { clock, limits } = this.#context
      this.#greeting = new Greetings(limits.maxGreetings, clock)
      this.#refusals = new Refusals(limits.maxGreetings, clock)
      this.#context.dhtHealth.start({
        onOffline: (state) => this.#onOffline(state),
        onBack: (wasOffline) => this.#onBack(wasOffline)
      })
      this.#forgottenKeys = new ForgottenKeys(this.#settings.clock, () => this.#context.listeners.forgotten())
      if (dht !== null) this.#forgottenKeys.start()
      const { authenticate } = options
      this.#sessions = new Sessions(
        this.#context,
        { authenticate, graceMs: this.#settings.graceMs, stunPort: this.#settings.stunPort },
        {
          onOpen: (session) => this.#onSession(session),
          onClose: (session, error) => this.#tell('client-close', session, error)
        }
      )
      this.#startFleet()
    } catch (error) {
      this.#node.abandon()
      throw error
    }
  }

  /** The live sessions, including those that wait for their client to return. */
  get clients(): ReadonlySet<ClientSession> {
    return this.#sessions.all
  }

  /** The HyperDHT instance, or null. */
  get dht(): object | null {
    return this.#context.dht
  }

  /** The limits, with defaults filled in. */
  get limits(): Readonly<ServerLimits> {
    return this.#context.limits
  }

  /** Whether the DHT answers, as far as is known; false without one. */
  get online(): boolean {
    return this.#context.dhtHealth.isOnline
  }

  /** Whether `destroy` was called. */
  get destroyed(): boolean {
    return this.#destroying !== null
  }

  /** A snapshot of all statistics. */
  get stats(): ServerStats {
    return collectServerStats(this.#context, this.clients, this.#greeting.size)
  }

  /**
   * Accepts a link. Any duplex of bytes will do, Node's or streamx's; from now on nothing else may read, write or end
   * it. Never throws, whatever the duplex carries and however it ends. After `destroy`, it is denied with SERVER_CLOSING.
   */
  handleStream(duplex: DuplexLike, info: StreamInfo = {}): ClientLink {
    const { inputPaces, limits, wireLimits } = this.#context
    const pace = inputPaces.of(networkOrOwn(info.remoteAddress))
    const link = new Link(duplex, null, { clock: this.#settings.clock, limits: wireLimits, pace })
    link.maxFrameBytes = limits.maxGreetingBytes
    link.limitInput(2 * limits.maxGreetingBytes)
    const arrival = new ClientLink(link, this.#greeter(), info)
    const late = this.#greeting.add(arrival)
    trace.server?.('greeting', { link: link.number, address: arrival.remoteAddress })
    if (this.destroyed) this.#denyLate(arrival)
    else if (late !== null) this.#denyGreeting(late)
    return arrival
  }

  /**
   * Reports a peer to every client that looks the topic up, for a peer that lookups do not find, or not yet. The
   * clients dial it like any other, through `relayAddresses` if these are public (or `allowPrivateAddresses` is set),
   * otherwise by its key. Returns the number of clients.
   * @throws TypeError on a bad argument
   */
  connectClientsTo(topic: Uint8Array, publicKey: Uint8Array, options: ConnectClientsOptions = {}): number {
    return this.#context.rendezvous.tell(topic32(topic), toldPeer(publicKey, options.relayAddresses))
  }

  /**
   * Ends the server: accepts no more links, hands its clients over to the other servers of its fleet, withdraws
   * announcements and drains streams, all for at most `drainMs`, then ends all sessions with SERVER_CLOSING. Destroys the
   * server's own DHT node, but a borrowed one only with `ownsDht`. Resolves when all is done.
   */
  destroy(): Promise<void> {
    this.#destroying ??= this.#destroy()
    return this.#destroying
  }

  /** Not at once: a client in this process that answers with another stream would keep the event loop from turning. */
  #denyLate(arrival: ClientLink): void {
    arrival.ignore()
    this.#settings.clock.setTimeout(() => arrival.deny(serverClosing()), 0)
  }

  #denyGreeting(arrival: ClientLink): void {
    const { counters, limits } = this.#context
    counters.countLimitHit('maxGreetings')
    // One for all of a flood: its stack takes a good part of the time of a denial.
    this.#tooManyGreetings ??= limitReached('greetings', limits.maxGreetings)
    this.#refuse(arrival, this.#tooManyGreetings)
  }

  #refuse(arrival: ClientLink, error: ProxyError): void {
    this.#greeting.delete(arrival)
    arrival.ignore()
    this.#refusals.add(networkOrOwn(arrival.remoteAddress), {
      answer: () => arrival.deny(error),
      drop: () => arrival.drop(error)
    })
  }

  #tell<K extends keyof ProxyServerEvents>(event: K, ...args: ProxyServerEvents[K]): void {
    this.emit(event, ...args)
  }

  #greeter() {
    return {
      clock: this.#context.clock,
      timeoutMs: this.#context.limits.handshakeTimeoutMs,
      admit: (...args: Parameters<Sessions['admit']>) => this.#sessions.admit(...args),
      refuse: (link: ClientLink, error: ProxyError) => this.#refuse(link, error),
      onGreeted: (link: ClientLink, error: ProxyError | null) => this.#onGreeted(link, error)
    }
  }

  #onGreeted(link: ClientLink, error: ProxyError | null): void {
    this.#greeting.delete(link)
    if (error === null) return
    this.#context.counters.countDenied(error.code)
    trace.server?.('denied', { link: link.link.number, address: link.remoteAddress, ...reasonOf(error) })
    this.#tell('denied', error, link)
  }

  #startFleet(): void {
    const { fleet, rendezvous } = this.#context
    const clientCount = () => this.clients.size
    fleet?.start({
      get clientCount() {
        return clientCount()
      },
      onPeers: (topic, peers) => rendezvous.tellElsewhere(topic, peers),
      onServers: () => this.#tellServers(this.clients),
      onState: (state) => this.#tell('fleet', state),
      onError: (error, what) => this.#tell('fleet-error', error, what)
    })
  }

  #onSession(session: ClientSession): void {
    if (this.#context.fleet !== null && this.#context.fleet.reachable.length > 0) this.#tellServers([session])
    this.#tell('client', session)
  }

  #tellServers(sessions: Iterable<ClientSession>): void {
    const servers = this.#context.fleet?.reachable ?? []
    for (const session of sessions) session.tellServers(servers)
  }

  #onOffline({ nextTryMs }: OfflineState): void {
    this.#tellDhtState()
    this.#tell('offline', { nextTryMs })
  }

  #onBack(wasOffline: boolean): void {
    this.#context.listeners.announceAgain()
    if (!wasOffline) return
    this.#tellDhtState()
    this.#tell('online')
  }

  #tellDhtState(): void {
    for (const session of this.clients) session.tellDhtState()
  }

  /** A server that is the only one has nowhere to send its clients. */
  async #handOver(fleet: Fleet): Promise<void> {
    if (fleet.presence.servers.size === 0) return
    const withinMs = this.#settings.drainMs * HAND_OVER_SHARE
    await handOver(this.clients, { servers: () => fleet.reachable, clock: this.#context.clock, withinMs })
  }

  async #destroy(): Promise<void> {
    try {
      await this.#end()
    } finally {
      await this.#node.leave()
    }
  }

  async #end(): Promise<void> {
    this.#context.dhtHealth.stop()
    this.#forgottenKeys.stop()
    const { budget, clock, fleet, load, lookups, rendezvous } = this.#context
    const endMs = clock.now() + this.#settings.drainMs
    load.destroy()
    fleet?.drain()
    for (const link of [...this.#greeting]) link.deny(serverClosing())
    this.#refusals.destroy()
    if (fleet !== null) await this.#handOver(fleet)
    await drain([...this.clients], clock, Math.max(0, endMs - clock.now()))
    for (const session of [...this.clients]) session.destroy(serverClosing())
    lookups?.destroy()
    rendezvous.destroy()
    try {
      await fleet?.destroy()
    } finally {
      budget.destroy()
    }
  }
}

/** The part of `drainMs` in which clients are handed over to other servers. */
const HAND_OVER_SHARE = 0.8
