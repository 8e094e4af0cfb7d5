/**
 * hyperswarm 2's and dwebswarm's API on a current swarm, for migrating an application step by step.
 * docs/migrating.md lists the new name of everything here.
 * @packageDocumentation
 */

import { type Listen, moduleExports } from '@swarmway/runtime'
import type { ConnectCallOptions } from '../dialing/waiters.js'
import type { PeerDiscoverySession } from '../discovery/session.js'
import { Swarm } from '../native/swarm.js'
import type { Connection } from '../network/connection.js'
import type { DiscoveredPeer } from '../network/dht-node.js'
import type { PeerInfo } from '../peers/peer-info.js'
import type { DestroyOptions, JoinOptions, LeaveOptions, PeerVerdict, SwarmEvents } from '../swarm/swarm-types.js'
import { assertCallback, type Callback, withCallback } from './callbacks.js'
import { assertSockets, banMsOf, type Hyperswarm2Options, serverLimit, translate } from './hyperswarm2-options.js'
import type { LegacyInfo } from './info.js'
import { type LegacyEvents, type LegacyStatus, LegacySwarm, type OnConnect, type OnJoin } from './legacy-swarm.js'
import type { LegacyJoinOptions } from './modes.js'
import type { LegacyPeer } from './peer.js'
import { type Address, addressesOf, type Connectivity, connectivityOf, whenKnown } from './reachability.js'

export type { Callback } from './callbacks.js'
export type { Hyperswarm2Options, QueueOptions } from './hyperswarm2-options.js'
export type { LegacyInfo, LegacyInfoMembers } from './info.js'
export type { LegacyEvents, LegacyStatus, OnConnect, OnJoin } from './legacy-swarm.js'
export type { LegacyJoinOptions } from './modes.js'
export type { LegacyPeer } from './peer.js'
export type { Connectivity } from './reachability.js'

/** Events of a {@link Hyperswarm2}. */
export interface Hyperswarm2Events extends Omit<SwarmEvents, 'connection'>, LegacyEvents {
  connection: [connection: Connection, info: LegacyInfo]
  /** @deprecated A topic was joined. */
  join: [topic: Uint8Array, options: LegacyJoinOptions]
  /** @deprecated A topic was left. */
  leave: [topic: Uint8Array]
  /** @deprecated The swarm listens. Use `await swarm.listen()`. */
  listening: []
  /** @deprecated The swarm is destroyed. Use `await swarm.destroy()`. */
  close: []
}

/**
 * A swarm with hyperswarm 2's API in addition to the current one.
 * @deprecated Use `Swarm`; docs/migrating.md lists the new names.
 */
export class Hyperswarm2 extends Swarm {
  /** Calls the listener with each event of that name. */
  declare on: Listen<this, Hyperswarm2Events> & Listen<this, SwarmEvents>
  /** Calls the listener with the next event only. */
  declare once: Listen<this, Hyperswarm2Events> & Listen<this, SwarmEvents>
  /** Removes the listener. */
  declare off: Listen<this, Hyperswarm2Events> & Listen<this, SwarmEvents>
  /** As `on`. */
  declare addListener: Listen<this, Hyperswarm2Events> & Listen<this, SwarmEvents>
  /** As `off`. */
  declare removeListener: Listen<this, Hyperswarm2Events> & Listen<this, SwarmEvents>
  /** As `on`, before the other listeners. */
  declare prependListener: Listen<this, Hyperswarm2Events> & Listen<this, SwarmEvents>
  /** As `once`, before the other listeners. */
  declare prependOnceListener: Listen<this, Hyperswarm2Events> & Listen<this, SwarmEvents>

  readonly #legacy: LegacySwarm

  /** Throws a `TypeError` that names the first bad option, and warns of options that can't mean what they meant. */
  constructor(options: Hyperswarm2Options = {}) {
    super(translate(options))
    const host = {
      peers: this.peers,
      join: (topic: Uint8Array, mode: JoinOptions) => super.join(topic, mode),
      leave: (topic: Uint8Array, leaving: LeaveOptions) => super.leave(topic, leaving),
      connect: (publicKey: Uint8Array) => super.connect(publicKey),
      tell: <K extends keyof LegacyEvents>(event: K, ...args: LegacyEvents[K]) => {
        const emitter = this as { emit(event: K, ...args: LegacyEvents[K]): boolean }
        emitter.emit(event, ...args)
      }
    }
    const { validatePeer = () => true } = options
    const banMs = banMsOf(options)
    this.#legacy = new LegacySwarm(host, {
      validatePeer,
      banMs,
      type: 'udx',
      autoconnect: true,
      announces: false
    })
  }

  /** @deprecated Use `maxServerConnections`. */
  get maxServerSockets(): number {
    return this.maxServerConnections
  }

  set maxServerSockets(count: number) {
    assertSockets('maxServerSockets', count)
    this.maxServerConnections = serverLimit(count)
  }

  /** @deprecated Use `maxClientConnections`. */
  get maxClientSockets(): number {
    return this.maxClientConnections
  }

  set maxClientSockets(count: number) {
    assertSockets('maxClientSockets', count)
    this.maxClientConnections = Math.max(0, count)
  }

  /** Open connections that we accepted. @deprecated Count the `connections` that are not `isInitiator`. */
  get serverSockets(): number {
    return [...this.connections].filter(({ isInitiator }) => !isInitiator).length
  }

  /** Open connections that we dialled. @deprecated Count the `connections` that are `isInitiator`. */
  get clientSockets(): number {
    return this.connections.size - this.serverSockets
  }

  /** Whether there is room for more peers. @deprecated Compare `connections.size` with `maxPeers`. */
  get open(): boolean {
    return this.connections.size < this.maxPeers
  }

  /**
   * Joins a topic, to look up unless `announce` (or today's `client` and `server`) says otherwise. Joining again
   * changes the mode. `onjoin` is called when the topic is announced.
   */
  override join(topic: Uint8Array, second: LegacyJoinOptions | OnJoin = {}, onjoin?: OnJoin): PeerDiscoverySession {
    const options = typeof second === 'function' ? {} : second
    const session = this.#legacy.join(topic, options, typeof second === 'function' ? second : onjoin)
    this.emit('join', topic, options)
    return session
  }

  /** Leaves a topic. Calls back when the topic is withdrawn. */
  override leave(topic: Uint8Array, onleave?: LeaveOptions | Callback): Promise<void> {
    const left = this.#legacy.leave(topic, onleave)
    this.emit('leave', topic)
    return left
  }

  /** The topic's discovery, with `announce` and `lookup` properties. */
  override status(topic: Uint8Array): LegacyStatus | null {
    return this.#legacy.status(super.status(topic))
  }

  /** Connects to a peer from a `peer` event, or to a public key. @deprecated with a callback: await it instead. */
  override connect(publicKey: Uint8Array, options?: ConnectCallOptions): Promise<Connection>
  override connect(peer: LegacyPeer | Uint8Array, callback?: OnConnect): Promise<Connection>
  override connect(peer: LegacyPeer | Uint8Array, second?: ConnectCallOptions | OnConnect): Promise<Connection> {
    if (typeof second === 'object') return super.connect(peer as Uint8Array, second)
    return this.#legacy.connect(peer, second)
  }

  /** Waits like the current `flush`. @deprecated with a callback: await it instead. */
  override flush(callback?: Callback): Promise<boolean> {
    assertCallback(callback)
    return withCallback(super.flush(), callback && ((error) => callback(error)))
  }

  /** Announces the swarm's key. The port is an option of the swarm and is ignored here. */
  override listen(port?: number | Callback, callback?: Callback): Promise<unknown> {
    const onListening = typeof port === 'function' ? port : callback
    assertCallback(onListening)
    const isFirst = this.listening === null
    const listening = super.listen()
    if (isFirst) listening.then(() => this.emit('listening'), ignore)
    return withCallback(listening, onListening && ((error) => onListening(error)))
  }

  /** Our address on this machine, null until there is one. @deprecated Use `swarm.dht`. */
  address(): Address | null {
    return addressesOf(this.dht).local
  }

  /** Our address as others see it, null if unknown. @deprecated Use `swarm.dht.remoteAddress()`. */
  remoteAddress(): Address | null {
    return addressesOf(this.dht).remote
  }

  /** Whether peers can reach us. @deprecated Use `swarm.dht`. */
  holepunchable(): boolean {
    return connectivityOf(this.dht).holepunched
  }

  /** Reports, once the swarm listens, what the network allows. @deprecated Use `swarm.dht`. */
  connectivity(callback: Callback<[Connectivity]>): void {
    assertCallback(callback)
    void withCallback(
      this.listen().then(() => whenKnown(this.dht)),
      callback
    ).catch(ignore)
  }

  override destroy(second: DestroyOptions | Callback = {}): Promise<void> {
    const callback = typeof second === 'function' ? second : undefined
    const isFirst = !this.destroyed
    this.#legacy.destroy()
    const destroyed = super.destroy(typeof second === 'function' ? {} : second)
    if (isFirst) destroyed.then(() => this.emit('close'), ignore)
    return withCallback(destroyed, callback && ((error) => callback(error)))
  }

  /** Adds the older members to the info object before the application sees it. */
  override emit<K extends keyof Hyperswarm2Events>(event: K, ...args: Hyperswarm2Events[K]): boolean {
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

/**
 * Makes a swarm, as calling `require('hyperswarm')` did.
 * @deprecated Use `new Swarm(options)`.
 */
export function hyperswarm(options: Hyperswarm2Options = {}): Hyperswarm2 {
  return new Hyperswarm2(options)
}
hyperswarm.Swarm = Hyperswarm2

/** What `require` returns: the function, with all exports as its properties. */
const hyperswarmModule = /* @__PURE__ */ moduleExports(hyperswarm, () => ({ Hyperswarm2, hyperswarm }))

export { hyperswarm as default, hyperswarmModule as 'module.exports' }

function ignore(): void {}
