/**
 * The client of hyperswarm-proxy and `@dswarm/proxy` on top of today's proxy client, for migrating an application step
 * by step. docs/migrating.md lists today's name for each of the old ones.
 * @packageDocumentation
 */

import type { DuplexLike } from '@swarmway/proxy-protocol'
import { type Listen, moduleExports } from '@swarmway/runtime'
import {
  type LegacyEvents,
  type LegacyInfo,
  type LegacyJoinOptions,
  type LegacyPeer,
  type LegacyStatus,
  LegacySwarm,
  type OnConnect,
  type OnJoin
} from '@swarmway/swarm/compat'
import {
  type ConnectCallOptions,
  type Connection,
  type DestroyOptions,
  type DiscoveredPeer,
  invalidArgument,
  type LeaveOptions,
  type PeerDiscoverySession,
  type PeerInfo,
  type PeerVerdict
} from '@swarmway/swarm/core'
import { ProxyClient, type ProxyClientEvents } from '../client.js'
import type { ProxyClientOptions } from '../options.js'
import { assertDuplex, type Callback, hostOf, settled } from './legacy-client.js'

export type {
  LegacyEvents,
  LegacyInfo,
  LegacyJoinOptions,
  LegacyPeer,
  LegacyStatus,
  OnConnect,
  OnJoin
} from '@swarmway/swarm/compat'

const DEFAULT_MAX_PEERS = 24

/** Options of hyperswarm-proxy's client, in addition to today's. */
export interface HyperswarmProxyOptions extends ProxyClientOptions {
  /**
   * A duplex to the server. Without it and `connect`, the client starts with `reconnect(stream)`.
   * @deprecated Use `connect`, with which the client reconnects automatically.
   */
  connection?: DuplexLike | null | undefined
  /**
   * Whether peers are dialled when they are found. If false, only `connect` dials. Default: true.
   * @deprecated Use `joinPeer` and `connect` on a swarm that has not joined the topic as a client.
   */
  autoconnect?: boolean | undefined
}

/** Events of a {@link HyperswarmProxyClient}. */
export interface HyperswarmProxyEvents extends Omit<ProxyClientEvents, 'connection'>, LegacyEvents {
  connection: [connection: Connection, info: LegacyInfo]
}

/**
 * A proxy client with hyperswarm-proxy's API in addition to today's.
 * @deprecated Use `ProxyClient`; docs/migrating.md lists the names.
 */
export class HyperswarmProxyClient extends ProxyClient {
  /** Calls the listener with each event of that name. */
  declare on: Listen<this, HyperswarmProxyEvents> & Listen<this, ProxyClientEvents>
  /** Calls the listener with the next event only. */
  declare once: Listen<this, HyperswarmProxyEvents> & Listen<this, ProxyClientEvents>
  /** Removes the listener. */
  declare off: Listen<this, HyperswarmProxyEvents> & Listen<this, ProxyClientEvents>
  /** As `on`. */
  declare addListener: Listen<this, HyperswarmProxyEvents> & Listen<this, ProxyClientEvents>
  /** As `off`. */
  declare removeListener: Listen<this, HyperswarmProxyEvents> & Listen<this, ProxyClientEvents>
  /** As `on`, before the other listeners. */
  declare prependListener: Listen<this, HyperswarmProxyEvents> & Listen<this, ProxyClientEvents>
  /** As `once`, before the other listeners. */
  declare prependOnceListener: Listen<this, HyperswarmProxyEvents> & Listen<this, ProxyClientEvents>

  readonly #legacy: LegacySwarm

  /** Throws a `TypeError` that names the first bad option. */
  constructor(options: HyperswarmProxyOptions = {}) {
    const { autoconnect = true, connection = null, ...today } = options
    if (typeof autoconnect !== 'boolean') throw invalidArgument('autoconnect', 'a boolean', autoconnect)
    assertDuplex(connection)
    const isGiven = today.connect === undefined || connection !== null
    super({ maxPeers: DEFAULT_MAX_PEERS, ...today, ...(isGiven && { connection: today.connect ? connection : null }) })
    const host = hostOf(this, {
      join: (topic, mode) => super.join(topic, mode),
      leave: (topic, leaving) => super.leave(topic, leaving),
      connect: (publicKey) => super.connect(publicKey)
    })
    const banMs = Number.POSITIVE_INFINITY
    const settings = { type: 'proxy', banMs, autoconnect, announces: false, validatePeer: () => true } as const
    this.#legacy = new LegacySwarm(host, settings)
    if (connection !== null) this.reconnect(connection)
  }

  /** Joins a topic. Only looks it up unless `announce` (or today's `client` and `server`) says otherwise. */
  override join(topic: Uint8Array, second: LegacyJoinOptions | OnJoin = {}, onjoin?: OnJoin): PeerDiscoverySession {
    const isCallback = typeof second === 'function'
    return this.#legacy.join(topic, isCallback ? {} : second, isCallback ? second : onjoin)
  }

  override leave(topic: Uint8Array, onleave?: LeaveOptions | Callback): Promise<void> {
    return this.#legacy.leave(topic, onleave)
  }

  /** The topic's discovery, with `announce` and `lookup`. */
  override status(topic: Uint8Array): LegacyStatus | null {
    return this.#legacy.status(super.status(topic))
  }

  /** Connects to the peer of a `peer` event, or to this key. @deprecated with a callback: await it instead. */
  override connect(publicKey: Uint8Array, options?: ConnectCallOptions): Promise<Connection>
  override connect(peer: LegacyPeer | Uint8Array, callback?: OnConnect): Promise<Connection>
  override connect(peer: LegacyPeer | Uint8Array, second?: ConnectCallOptions | OnConnect): Promise<Connection> {
    if (typeof second === 'object') return super.connect(peer as Uint8Array, second)
    return this.#legacy.connect(peer, second)
  }

  /**
   * Closes the link to the server and all its connections until `reconnect`. With a key it acts as today's method:
   * closes everything with that peer.
   */
  override disconnect(publicKey?: Uint8Array): Promise<void> {
    return publicKey === undefined ? this.dht.suspend() : super.disconnect(publicKey)
  }

  /** Waits as today's method does. @deprecated with a callback: await it instead. */
  override flush(callback?: Callback): Promise<boolean> {
    return settled(() => super.flush(), callback)
  }

  override destroy(second: DestroyOptions | Callback = {}): Promise<void> {
    this.#legacy.destroy()
    if (typeof second === 'function') return settled(() => super.destroy(), second)
    return super.destroy(second)
  }

  /** Converts the info to the older form before the application sees it. */
  override emit<K extends keyof HyperswarmProxyEvents>(event: K, ...args: HyperswarmProxyEvents[K]): boolean {
    if (event === 'connection') this.#legacy.onConnection(...(args as unknown as [Connection, PeerInfo]))
    return Reflect.apply(super.emit, this, [event, ...args])
  }

  protected override judgePeer(peer: DiscoveredPeer, topic: Uint8Array): PeerVerdict {
    return this.#legacy.judge(peer, topic)
  }

  protected override onDiscoveryCycle(topic: Uint8Array, isDone: boolean): void {
    this.#legacy.onCycle(topic, isDone)
  }
}

/** What `require` returns: the class, with all exports as its properties. */
const HyperswarmProxyClientModule = /* @__PURE__ */ moduleExports(HyperswarmProxyClient, () => ({
  HyperswarmProxyClient
}))
type HyperswarmProxyClientModule = HyperswarmProxyClient

export { HyperswarmProxyClient as default, HyperswarmProxyClientModule as 'module.exports' }
