import { type FoundPeer, type OtherServer, ProxyError } from '@swarmway/proxy-protocol'
import { trace } from '@swarmway/runtime'
import b4a from 'b4a'
import type { ServerResources } from '../context/resources.js'
import type { DialOrder } from '../dialing/dht-dial.js'
import { peerNotFound } from '../errors.js'
import type { Owner } from '../fairness/fair-queue.js'
import type { Listeners } from '../listening/listeners.js'
import { dialAcross } from './dial-across.js'
import type { FleetHost } from './fleet-host.js'
import { FleetNews } from './fleet-news.js'
import { type FleetStats, statsOf } from './fleet-stats.js'
import { linkAddressOf } from './link-address.js'
import { IncomingLinks } from './links/incoming-links.js'
import { LinkPort } from './links/link-port.js'
import { OutgoingLinks } from './links.js'
import { OfferTurns } from './offer-turns.js'
import { Offers } from './offers.js'
import type { FleetOptions } from './options.js'
import { createServerKeyPair, fleetKeyOf, keyedHash } from './presence/envelope.js'
import { nameOf } from './presence/own-topics.js'
import type { FleetServer, OwnDescription, Presence, PresenceChange } from './presence/presence.js'
import { Questions } from './questions.js'
import { Routes } from './routes.js'

const [TOPIC, KEY] = [b4a.from('topic'), b4a.from('key')]

/** This server's part in a fleet: what its clients announce is told to the other servers, and theirs can be dialled here. */
export class Fleet {
  readonly presence: Presence
  /** Connections of clients here to clients of other servers, in total. */
  dialled = 0
  readonly #options: FleetOptions
  readonly #context: ServerResources
  readonly #fleetKey: Uint8Array
  /** This server's public key in hex. */
  readonly #id: string
  readonly #routes: Routes
  readonly #questions: Questions
  readonly #turns: OfferTurns
  readonly #links: OutgoingLinks
  readonly #incoming: IncomingLinks
  readonly #offers: Offers
  readonly #port: LinkPort
  readonly #news: FleetNews
  /** Ends the watch of each topic, by topic. */
  readonly #watches = new Map<string, () => void>()
  #host: FleetHost | null = null
  #linkPort: number | null = null
  #isDraining = false
  #isClosed = false

  constructor(options: FleetOptions, context: ServerResources, listeners: Listeners) {
    const { clock } = context
    const keyPair = createServerKeyPair()
    this.#options = options
    this.#context = context
    this.#fleetKey = fleetKeyOf(options.secret)
    this.presence = options.presence({ keyPair, fleetKey: this.#fleetKey, clock })
    this.#routes = new Routes(clock, this.presence.servers)
    this.#news = new FleetNews(this.presence, clock)
    this.#questions = new Questions(clock)
    this.#turns = new OfferTurns(context.limits.maxPendingHandshakes)
    this.#id = nameOf(keyPair.publicKey)
    this.#links = new OutgoingLinks(clock, { keyPair, fleetKey: this.#fleetKey }, this.presence.servers, (error) =>
      this.#host?.onError(error, 'link')
    )
    this.#offers = new Offers(context, listeners)
    this.#incoming = new IncomingLinks({
      clock,
      isServer: (id) => this.presence.servers.has(id),
      sessionOptions: (id) => this.#offers.sessionOptions(id)
    })
    this.#port = new LinkPort({
      keyPair,
      fleetKey: this.#fleetKey,
      clock,
      onStream: (stream) => this.#incoming.accept(stream)
    })
  }

  get stats(): FleetStats {
    const own = { name: this.#options.name, id: this.#id, isDraining: this.#isDraining }
    const links = { outgoing: this.#links, incoming: this.#incoming }
    const counts = { dialled: this.dialled, accepted: this.#offers.opened }
    return statsOf({ ...own, ...counts, presence: this.presence, links, nowMs: this.#context.clock.now() })
  }

  /** Opens the port for links, and joins the fleet. */
  start(host: FleetHost): void {
    this.#host = host
    this.#news.start(host)
    void this.#listen()
    this.presence.start({
      describe: () => this.#describe(),
      onServer: () => this.#news.onServers(),
      onServerGone: (server) => this.#onServerGone(server),
      onState: (isConnected) => {
        trace.server?.(isConnected ? 'fleet-online' : 'fleet-offline', {})
        this.#news.onState()
      },
      onError: (error) => this.#host?.onError(error, 'broker')
    })
  }

  /** The first client is on the topic, or the last one has left it. */
  onTopic(topic: Uint8Array, isOpen: boolean, owner: Owner): void {
    const name = nameOf(topic)
    this.#watches.get(name)?.()
    this.#watches.delete(name)
    if (!isOpen || this.#isClosed) return
    const onChange = ({ added, server }: PresenceChange): void => {
      for (const key of added) this.#routes.add(key, server)
      this.#host?.onPeers(topic, added.map(toPeer))
    }
    this.#watches.set(name, this.presence.watch(this.#hashOf(TOPIC, topic), owner, onChange))
  }

  /** A client watches the topic. */
  onWatcher(topic: Uint8Array, owner: Owner): void {
    if (!this.#isClosed) this.presence.hasten(this.#hashOf(TOPIC, topic), owner)
  }

  /** A client announces a key on a topic. */
  announce(topic: Uint8Array, publicKey: Uint8Array, owner: Owner): void {
    if (!this.#isClosed) this.presence.announce(this.#hashOf(TOPIC, topic), publicKey, owner)
  }

  withdraw(topic: Uint8Array, publicKey: Uint8Array): void {
    if (!this.#isClosed) this.presence.withdraw(this.#hashOf(TOPIC, topic), publicKey)
  }

  /** This client listens on a key, or none does any more. Other servers find it by the key alone. */
  onKey(publicKey: Uint8Array, owner: Owner | null): void {
    if (this.#isClosed) return
    const hash = this.#hashOf(KEY, publicKey)
    if (owner === null) this.presence.withdraw(hash, publicKey)
    else this.presence.announce(hash, publicKey, owner, true)
  }

  /** The servers to which clients can go. */
  get reachable(): OtherServer[] {
    return this.#news.reachable
  }

  /** Keys at other servers on a topic; a sample. */
  peersOn(topic: Uint8Array): FoundPeer[] {
    return [...this.presence.keysOn(this.#hashOf(TOPIC, topic))].map(({ publicKey }) => toPeer(publicKey))
  }

  /**
   * Servers at which the key may be, as far as is known, the likeliest first. While there is a DHT that answers, servers that
   * do not are left out.
   */
  serversOf(publicKey: Uint8Array): FleetServer[] {
    return this.#routes.to(publicKey, !this.#context.dhtHealth.isOnline)
  }

  /** The same, without those that were tried, after asking the other servers when it is the client's turn. */
  async find(
    publicKey: Uint8Array,
    owner: Owner,
    signal: AbortSignal,
    tried: readonly FleetServer[] = []
  ): Promise<FleetServer[]> {
    const others = () => this.serversOf(publicKey).filter(({ id }) => !tried.some((server) => server.id === id))
    const { isConnected, servers } = this.presence
    if (others().length > 0 || !isConnected || servers.size === 0) return others()
    await this.#questions.ask(owner, signal, (onTold) =>
      this.#watchKey(publicKey, owner, () => {
        if (others().length > 0) onTold()
      })
    )
    return others()
  }

  /** Connects a client of this server to one at these servers. See `dialAcross`. */
  dial(servers: readonly FleetServer[], order: DialOrder): Promise<void> {
    if (servers.length === 0) return Promise.reject(peerNotFound())
    const onConnected = (): void => {
      this.dialled++
    }
    const tools = { context: this.#context, links: this.#links, routes: this.#routes, turns: this.#turns, onConnected }
    return dialAcross(servers, tools, order)
  }

  /** The server is about to stop: the others send it no more clients. */
  drain(): void {
    this.#isDraining = true
    this.presence.update()
  }

  async destroy(): Promise<void> {
    this.#isClosed = true
    this.#news.stop()
    const error = new ProxyError('SERVER_CLOSING', 'the server is shutting down')
    for (const unwatch of this.#watches.values()) unwatch()
    this.#watches.clear()
    try {
      await this.presence.close()
    } finally {
      this.#links.destroy(error)
      this.#incoming.destroy(error)
      this.#offers.destroy()
      this.#port.close()
    }
  }

  async #listen(): Promise<void> {
    const { linkHost, linkPort = 0 } = this.#options
    try {
      this.#linkPort = await this.#port.listen(linkHost, linkPort)
      if (this.#isClosed) this.#port.close()
      else this.presence.update()
    } catch (error) {
      trace.server?.('fleet-no-port', { reason: String(error) })
      if (!this.#isClosed) this.#host?.onError(error instanceof Error ? error : new Error(String(error)), 'port')
    }
  }

  #describe(): OwnDescription {
    const { name, url = '' } = this.#options
    const { maxClients } = this.#context.limits
    const clients = this.#host?.clientCount ?? 0
    const linkAddress = linkAddressOf(this.#options, this.#linkPort, this.presence.localHost)
    return { name, url, clients, maxClients, linkAddress, isDraining: this.#isDraining }
  }

  #watchKey(publicKey: Uint8Array, owner: Owner, onChange: () => void): () => void {
    if (this.#isClosed) return ignore
    return this.presence.watch(this.#hashOf(KEY, publicKey), owner, ({ added, server }) => {
      for (const key of added) if (b4a.equals(key, publicKey)) this.#routes.add(key, server)
      onChange()
    })
  }

  #onServerGone(server: FleetServer): void {
    const error = new ProxyError('STREAM_RESET', `the server ${server.name} is gone`)
    trace.server?.('fleet-server-gone', { name: server.name })
    this.#news.onServers()
    this.#links.drop(server.id, error)
    this.#incoming.drop(server.id, error)
  }

  #hashOf(kind: Uint8Array, bytes: Uint8Array): Uint8Array {
    return keyedHash(this.#fleetKey, kind, bytes)
  }
}

function toPeer(publicKey: Uint8Array): FoundPeer {
  return { publicKey, relayAddresses: [] }
}

function ignore(): void {}
