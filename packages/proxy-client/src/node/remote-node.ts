import type { DuplexLike } from '@swarmway/proxy-protocol'
import {
  type PeerStream,
  ProxyError,
  QUERY_KIND,
  type Session,
  STREAM_KIND,
  streamMeta
} from '@swarmway/proxy-protocol'
import {
  type Address,
  type Clock,
  type Connection,
  type ConnectOptions,
  type DiscoveredPeer,
  type KeyPair,
  type OfflineState,
  publicKeyFrom,
  type Query,
  type QueryOptions,
  type ServerOptions,
  SwarmError,
  type SwarmStats
} from '@swarmway/swarm/core'
import type { UplinkSettings } from '../options.js'
import { Uplink } from '../uplink/uplink.js'
import { RemoteAccepts } from './accepts.js'
import { Channel } from './channel.js'
import { answerServer, type NodeParts, takeNotice } from './control-handlers.js'
import { RemoteDials } from './dials.js'
import { DirectReports } from './direct-reports.js'
import { HyperDhtMembers } from './hyperdht-members.js'
import { RemoteQueries } from './queries.js'
import { type MutableRecord, type RecordOptions, RemoteRecords } from './records.js'
import type { OnConnection, RemoteDht } from './remote-dht.js'
import type { RemoteServer } from './remote-server.js'
import { RemoteServers } from './remote-servers.js'
import { keyTarget } from './signing.js'
import { stunUrl } from './stun-url.js'
import { assertKey, assertKeyPair } from './verify-calls.js'

/** A DHT node at the other end of a link: the network is the proxy server's, the keys and all secrets are ours. */
export class RemoteNode extends HyperDhtMembers implements RemoteDht {
  readonly defaultKeyPair: KeyPair
  destroyed = false
  readonly #uplink: Uplink
  readonly #channel = new Channel()
  readonly #queries = new RemoteQueries(this.#channel, this.stats.queries)
  readonly #records = new RemoteRecords(this.#channel)
  readonly #dials: RemoteDials
  readonly #accepts: RemoteAccepts
  readonly #servers: RemoteServers
  #retryMs: number | null = null
  #stunPort: number | null = null
  #serverOffline: OfflineState | null = null

  constructor(settings: UplinkSettings, keyPair: KeyPair, keepAliveMs: number, clock: Clock) {
    super()
    this.defaultKeyPair = keyPair
    this.#dials = new RemoteDials(this.#channel, keepAliveMs, clock)
    this.#accepts = new RemoteAccepts(clock, keepAliveMs, (publicKey) => this.#servers.of(publicKey))
    this.#servers = this.#makeServers()
    const parts = this.#makeParts()
    this.#uplink = new Uplink(settings, {
      sessionOptions: {
        onRequest: (op, body) => answerServer(parts, op, body),
        onNotify: (op, body) => void takeNotice(parts, op, body),
        onStream: (stream) => this.#onStream(stream)
      },
      onConnected: (session, isResumed) => this.#onConnected(session, isResumed),
      onDisconnected: (error, retryMs) => this.#onDisconnected(error, retryMs),
      onSessionLost: (error) => this.#onSessionLost(error)
    })
    this.#uplink.start()
  }

  /** Whether there is a link. */
  get connected(): boolean {
    return this.#uplink.isConnected
  }

  /** Whether there has been a session. */
  get bootstrapped(): boolean {
    return !this.#channel.isFirst
  }

  /** The servers that listen. */
  get listening(): ReadonlySet<RemoteServer> {
    return this.#servers.listening
  }

  async fullyBootstrapped(): Promise<void> {
    if (!this.bootstrapped) await this.#channel.whenOpen()
  }

  /** Whether there is a link, to a server whose DHT answers. */
  get online(): boolean {
    return this.offline === null
  }

  /** What is missing, null if nothing is. */
  get offline(): OfflineState | null {
    if (!this.connected) return { reason: 'NO_LINK', nextTryMs: this.#retryMs }
    return this.#serverOffline
  }

  /** Reports to the server what goes past it; `stats` are those of the swarm. */
  reportDirect(clock: Clock, stats: SwarmStats['direct']): DirectReports {
    return new DirectReports(this.#channel, clock, stats)
  }

  /** The STUN server of the proxy server, if it has one: null also if the name of the proxy server is unknown. */
  get stunUrl(): string | null {
    return this.#stunPort === null ? null : stunUrl(this.#uplink.challenge?.serverName ?? '', this.#stunPort)
  }

  /** The session of the moment, for its statistics. */
  get session(): Session | null {
    return this.#channel.session
  }

  /** Continues over this duplex or, without one, tries to reach a server at once. */
  reconnect(duplex?: DuplexLike): void {
    if (this.destroyed) throw new SwarmError('DESTROYED', 'the node was destroyed')
    this.#channel.renew()
    this.#uplink.reconnect(duplex)
  }

  /** The key may be text, in hex or z-base-32, as with HyperDHT. */
  connect(publicKey: Uint8Array | string, options: ConnectOptions = {}): Connection {
    return this.#dials.connect(publicKeyFrom(publicKey), options, this.defaultKeyPair)
  }

  createServer(options?: ServerOptions | OnConnection | null, onConnection?: OnConnection): RemoteServer {
    if (typeof options === 'function') return this.createServer({}, options)
    const server = this.#servers.create(options ?? {})
    return onConnection === undefined ? server : server.on('connection', onConnection)
  }

  lookup(topic: Uint8Array): Query {
    return this.#queries.run(QUERY_KIND.LOOKUP, topic, null)
  }

  /** Only looks up with a key that is lost: the server would refuse to announce it. */
  announce(topic: Uint8Array, keyPair: KeyPair, _relayAddresses?: Address[], _options?: QueryOptions): Query {
    assertKeyPair(keyPair)
    if (this.#servers.of(keyPair.publicKey)?.isLost === true) return this.lookup(topic)
    return this.#queries.run(QUERY_KIND.ANNOUNCE, topic, keyPair)
  }

  lookupAndUnannounce(topic: Uint8Array, keyPair: KeyPair, _options?: QueryOptions): Query {
    return this.#queries.run(QUERY_KIND.LOOKUP_AND_UNANNOUNCE, topic, keyPair)
  }

  unannounce(topic: Uint8Array, keyPair: KeyPair, _options?: QueryOptions): Promise<void> {
    return this.#queries.unannounce(topic, keyPair)
  }

  findPeer(publicKey: Uint8Array, options: { hash?: boolean } = {}): Query {
    assertKey(publicKey, 'publicKey')
    return this.#queries.findPeer(options.hash === false ? publicKey : keyTarget(publicKey))
  }

  watch(topic: Uint8Array, onPeer: (peer: DiscoveredPeer) => void): () => void {
    return this.#queries.watch(topic, onPeer)
  }

  mutableGet(publicKey: Uint8Array, options: RecordOptions = {}): Promise<MutableRecord | null> {
    return this.#records.mutableGet(publicKey, options)
  }

  mutablePut(keyPair: KeyPair, value: Uint8Array, options: RecordOptions = {}) {
    return this.#records.mutablePut(keyPair, value, options)
  }

  immutableGet(target: Uint8Array) {
    return this.#records.immutableGet(target)
  }

  immutablePut(value: Uint8Array) {
    return this.#records.immutablePut(value)
  }

  /** Closes the link, so that nothing is sent or received until `resume`. */
  async suspend(): Promise<void> {
    this.#stop(new ProxyError('DESTROYED', 'the client was suspended'))
  }

  async resume(): Promise<void> {
    if (this.destroyed) return
    this.#channel.renew()
    this.#uplink.start()
  }

  async destroy(): Promise<void> {
    if (this.destroyed) return
    this.destroyed = true
    this.#stop(new ProxyError('DESTROYED', 'the client was destroyed'))
  }

  #stop(error: ProxyError): void {
    this.#uplink.stop(error)
    this.#channel.close(error)
    this.#queries.destroyAll(error)
    this.#dials.failAll(error)
  }

  #onConnected(session: Session, isResumed: boolean): void {
    if (!isResumed) this.#serverOffline = this.#stunPort = null
    this.emit('connected', { resumed: isResumed })
    if (isResumed) this.#queries.watchDenied()
    else void this.#begin(session)
    this.emit('network-update')
  }

  /** Tells a new session all that an older one knew. */
  async #begin(session: Session): Promise<void> {
    const isFirst = this.#channel.isFirst
    this.#channel.open(session)
    this.#queries.watchAgain()
    if (isFirst) return
    await this.#servers.register()
    if (!this.destroyed && this.#channel.session === session) this.emit('network-change')
  }

  #onDisconnected(error: ProxyError, retryMs: number | null): void {
    this.#retryMs = retryMs
    // A query that is made while we are denied fails at once.
    const isRefused = retryMs === null || error.code === 'AUTH_DENIED'
    if (isRefused && this.#uplink.session === null) this.#channel.close(error)
    this.emit('disconnected', { error, retryMs })
    this.emit('network-update')
  }

  #onSessionLost(error: ProxyError): void {
    this.#channel.lost()
    this.#queries.destroyAll(error)
    this.#dials.failAll(error)
    this.#accepts.clear()
  }

  #makeServers(): RemoteServers {
    return new RemoteServers({
      channel: this.#channel,
      defaultKeyPair: this.defaultKeyPair,
      challenge: () => this.#uplink.challenge,
      signerOf: (target, publicKey) => this.#queries.signerOf(target, publicKey),
      onLost: (publicKey, error) => this.emit('key-lost', { publicKey, code: error.code, error }),
      onRegained: () => {
        this.emit('key-regained')
        this.emit('network-change')
      }
    })
  }

  #makeParts(): NodeParts {
    return {
      accepts: this.#accepts,
      dials: this.#dials,
      queries: this.#queries,
      sign: (request) => this.#servers.sign(request),
      onKeyLost: (publicKey, error) => this.#servers.of(publicKey)?.lose(error),
      onTopicDenied: (topic, error) => this.#onTopicDenied(topic, error),
      onDhtState: (isOnline, nextTryMs) => {
        this.#serverOffline = isOnline ? null : { reason: 'SERVER_OFFLINE', nextTryMs }
        this.emit('network-update')
      },
      onWatchRefused: (topic, error) => this.#onWatchRefused(topic, error),
      onStun: (port) => {
        this.#stunPort = port
      },
      onServers: (servers) => this.#uplink.learn(servers),
      onHandOver: (url, withinMs) => this.#uplink.leave(url, withinMs)
    }
  }

  /** What is announced in the DHT only we can withdraw: it takes signatures. */
  #onTopicDenied(topic: Uint8Array, error: ProxyError): void {
    const { isOurs, wasAnnounced } = this.#queries.onDenied(topic)
    const keyPairs = wasAnnounced ? [...this.#servers.listening].map(({ keyPair }) => keyPair) : []
    for (const keyPair of keyPairs) if (keyPair !== null) this.#queries.unannounce(topic, keyPair).catch(ignore)
    if (isOurs) this.emit('topic-denied', { topic, code: error.code, error })
  }

  #onWatchRefused(topic: Uint8Array, error: ProxyError): void {
    if (this.#queries.onWatchRefused(topic)) this.emit('watch-refused', { topic, error })
  }

  #onStream(stream: PeerStream): void {
    const { kind, id } = streamMeta.decode(stream.meta)
    if (kind === STREAM_KIND.DIAL) this.#dials.open(id, stream)
    else this.#accepts.open(id, stream)
  }
}

function ignore(): void {}
