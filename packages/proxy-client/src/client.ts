import type { DuplexLike, ProxyError, SessionStats } from '@swarmway/proxy-protocol'
import { type Listen, reasonOf, trace } from '@swarmway/runtime'
import { type Connection, type DestroyOptions, SwarmCore, type SwarmEvents, systemClock } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { hastenSodium } from '#sodium'
import type { DirectReports } from './node/direct-reports.js'
import { opaqueCodec } from './node/payload.js'
import type { RemoteDht } from './node/remote-dht.js'
import { RemoteNode } from './node/remote-node.js'
import type { KeyLoss, TopicDenial } from './node/remote-node-events.js'
import type { ProxyClientOptions } from './options.js'
import { duration, settleUplink } from './verify-options.js'

/** Events of the link of a {@link ProxyClient}. */
export interface LinkEvents {
  /** A link to the server is up. If `resumed` is false, the session is new and topics are rejoined automatically. */
  connected: [state: { resumed: boolean }]
  /**
   * The link is down or could not be made; `error.code` says why. If `retryMs` is null, no retry
   * follows: call `reconnect`.
   */
  disconnected: [state: { error: ProxyError; retryMs: number | null }]
  /**
   * Nobody can dial the key at this server any more, and `listening` is null. Connections stay, and peers are still
   * found and dialled. `code` is KEY_TAKEN: a newer session, such as another tab with the same seed, has proved that it
   * holds the key; or WRONG_SERVER: the server refuses the name by which the client knows it. The swarm listens again in
   * its next session, or when a refresh of a topic or `listen` finds the key free.
   */
  'key-lost': [loss: KeyLoss]
  /**
   * The server has ended a topic for this client because its `authenticate` denied it when a link was resumed.
   * The topic stays joined and is requested again with later links; connections stay.
   */
  'topic-denied': [denial: TopicDenial]
}

/** Events of a {@link ProxyClient}: a swarm's, and those of its link. */
export interface ProxyClientEvents extends SwarmEvents, LinkEvents {}

/** A swarm whose network is a proxy server. The server sees neither keys nor plaintext. */
export class ProxyClient extends SwarmCore {
  /** Calls the listener with each event of that name. */
  declare on: Listen<this, ProxyClientEvents>
  /** Calls the listener with the next event only. */
  declare once: Listen<this, ProxyClientEvents>
  /** Removes the listener. */
  declare off: Listen<this, ProxyClientEvents>
  /** As `on`. */
  declare addListener: Listen<this, ProxyClientEvents>
  /** As `off`. */
  declare removeListener: Listen<this, ProxyClientEvents>
  /** As `on`, before the other listeners. */
  declare prependListener: Listen<this, ProxyClientEvents>
  /** As `once`, before the other listeners. */
  declare prependOnceListener: Listen<this, ProxyClientEvents>

  /** The node at the other end of the link; also for packages and programs made for a HyperDHT node. */
  declare readonly dht: RemoteDht
  readonly #node: RemoteNode
  readonly #reports: DirectReports

  /** Throws a `TypeError` that names the first bad option. */
  constructor(options: ProxyClientOptions) {
    const settings = settleUplink(options)
    const keepAliveMs = duration(options, 'keepAliveMs', 5000)
    let node: RemoteNode | null = null
    super(options, (keyPair) => {
      node = new RemoteNode(settings, keyPair, keepAliveMs, options.clock ?? systemClock)
      // Connections open long after the constructor has ended.
      const onOpened = (connection: Connection) => void connection.on('path', () => this.#reports.begin())
      return { node, ownsNode: true, codec: opaqueCodec, path: 'proxied', onOpened }
    })
    this.#node = node as unknown as RemoteNode
    this.#reports = this.#node.reportDirect(options.clock ?? systemClock, this.stats.direct)
    void hastenSodium()
    this.#node.on('connected', (state) => this.#tell('connected', state))
    this.#node.on('disconnected', (state) => this.#tell('disconnected', state))
    this.#node.on('key-lost', (loss) => this.#onKeyLost(loss))
    this.#node.on('topic-denied', (denial) => this.#onTopicDenied(denial))
    this.#node.on('watch-refused', ({ topic, error }) => this.#onWatchRefused(topic, error))
    // Registers listeners again, which changes nothing but `listening`.
    this.#node.on('key-regained', () => void this.listen().catch(ignore))
  }

  /** Whether there is a link to the server. */
  get connected(): boolean {
    return this.#node.connected
  }

  /** Counters of the session with the server; null if there is none. */
  get linkStats(): SessionStats | null {
    return this.#node.session?.stats ?? null
  }

  /** Resumes over `duplex` or, with the option `connect`, tries at once. Throws DESTROYED. */
  reconnect(duplex?: DuplexLike): void {
    this.#node.reconnect(duplex)
  }

  /** Emits an event, of the base class or its own. Returns whether anybody listens. */
  override emit<K extends keyof ProxyClientEvents>(event: K, ...args: ProxyClientEvents[K]): boolean {
    return Reflect.apply(super.emit, this, [event, ...args])
  }

  /** As that of a swarm; also closes the link. */
  override destroy(options: DestroyOptions = {}): Promise<void> {
    this.#reports.stop()
    return super.destroy(options)
  }

  #onKeyLost(loss: KeyLoss): void {
    if (b4a.equals(loss.publicKey, this.keyPair.publicKey)) this.listening = null
    this.#tell('key-lost', loss)
  }

  #onTopicDenied(denial: TopicDenial): void {
    trace.client?.('topic-denied', { topic: denial.topic, ...reasonOf(denial.error) })
    this.#tell('topic-denied', denial)
  }

  #onWatchRefused(topic: Uint8Array, error: ProxyError): void {
    if (!this.destroyed)
      this.emit('discovery-error', { topic, isServer: false, code: error.code, error, nextTryMs: null })
  }

  #tell<K extends keyof LinkEvents>(event: K, ...args: ProxyClientEvents[K]): void {
    if (!this.destroyed) this.emit(event, ...args)
  }
}

function ignore(): void {}
