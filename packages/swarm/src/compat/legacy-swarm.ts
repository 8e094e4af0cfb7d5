import { callApplication } from '@swarmway/runtime'
import type { PeerDiscovery } from '../discovery/peer-discovery.js'
import type { PeerDiscoverySession } from '../discovery/session.js'
import { invalidArgument, SwarmError } from '../errors.js'
import type { Connection } from '../network/connection.js'
import type { DiscoveredPeer } from '../network/dht-node.js'
import type { PeerInfo } from '../peers/peer-info.js'
import type { JoinOptions, LeaveOptions, PeerVerdict } from '../swarm/swarm-types.js'
import { type PublicKeyHex, publicKeyHex } from '../util/keys.js'
import { type TopicHex, topicHex } from '../util/topic.js'
import { assertCallback, type Callback, later, withCallback } from './callbacks.js'
import { FoundPeers } from './found-peers.js'
import { type LegacyInfo, type LegacyInfoMembers, legacyInfo } from './info.js'
import { JoinWaits } from './join-waits.js'
import { type LegacyJoinOptions, modeOf } from './modes.js'
import { type LegacyPeer, legacyPeer, publicKeyOf, topicOf } from './peer.js'

/** Called when a topic is announced, or looked up if it is only looked up; with an error if that will never happen. */
export type OnJoin = Callback

/** Called with the connection that `connect` made, or with the reason why there is none. */
export type OnConnect = Callback<[socket: Connection, details: LegacyInfo]>

/** The events that the older systems have and a current swarm does not. */
export interface LegacyEvents {
  /** @deprecated A lookup has found a peer. */
  peer: [peer: LegacyPeer]
  /** @deprecated `validatePeer` has refused a peer found by a lookup. */
  'peer-rejected': [peer: LegacyPeer]
  /** @deprecated A connection has closed. Use its `close` event. */
  disconnection: [socket: Connection, info: LegacyInfo]
  /** @deprecated A lookup or announce of a topic has ended. Use `session.flushed()`. */
  updated: [state: { key: Uint8Array }]
}

/** A topic's discovery, with the names of the older systems. */
export type LegacyStatus = PeerDiscovery & {
  /** @deprecated Use `isServer`. */
  readonly announce: boolean
  /** @deprecated Use `isClient`. */
  readonly lookup: boolean
}

/** The current swarm that a {@link LegacySwarm} is built on. */
export interface LegacyHost {
  readonly peers: Map<PublicKeyHex, PeerInfo>
  join(topic: Uint8Array, mode: JoinOptions): PeerDiscoverySession
  leave(topic: Uint8Array, options: LeaveOptions): Promise<void>
  connect(publicKey: Uint8Array): Promise<Connection>
  tell<K extends keyof LegacyEvents>(event: K, ...args: LegacyEvents[K]): void
}

/** Settings of a {@link LegacySwarm}. */
export interface LegacySettings {
  readonly type: LegacyInfoMembers['type']
  readonly banMs: number
  /** False disables automatic dialling. */
  readonly autoconnect: boolean
  /** Whether `join` without a mode announces. */
  readonly announces: boolean
  readonly validatePeer: (peer: LegacyPeer) => boolean
}

/** What the older swarms did differently from a current one; shared by the compatibility entries. */
export class LegacySwarm {
  readonly #host: LegacyHost
  readonly #settings: LegacySettings
  readonly #found = new FoundPeers()
  readonly #waits = new JoinWaits()
  readonly #sessions = new Map<TopicHex, PeerDiscoverySession>()

  constructor(host: LegacyHost, settings: LegacySettings) {
    this.#host = host
    this.#settings = settings
  }

  /** For `SwarmCore.judgePeer`. */
  judge(found: DiscoveredPeer, topic: Uint8Array): PeerVerdict {
    return this.#found.verdict(found.publicKey, topic, () => this.#judge(legacyPeer(found, topic)))
  }

  /** For `SwarmCore.onDiscoveryCycle`. */
  onCycle(topic: Uint8Array, isDone: boolean): void {
    this.#found.forgetTopic(topic)
    if (isDone) this.#waits.settle(topic, null)
    later(() => this.#host.tell('updated', { key: topic }))
  }

  /** Call it before the application sees a connection. */
  onConnection(connection: Connection, info: PeerInfo): void {
    const decorated = legacyInfo(info, connection, this.#settings)
    if (!this.#settings.autoconnect) info.reconnect(false)
    connection.once('close', () => {
      this.#found.forgetPeer(info.publicKey)
      this.#host.tell('disconnection', connection, decorated)
    })
  }

  /** Joins, or changes the mode of the join: an older swarm has one join per topic. */
  join(topic: Uint8Array, options: LegacyJoinOptions = {}, onjoin?: OnJoin): PeerDiscoverySession {
    assertCallback(onjoin, 'onjoin')
    const mode = modeOf(options, this.#settings.announces)
    const session = this.#host.join(topic, mode)
    const earlier = this.#sessions.get(topicHex(topic))
    this.#sessions.set(topicHex(topic), session)
    earlier?.destroy().catch(ignore)
    if (onjoin !== undefined) this.#waits.add(topic, onjoin)
    return session
  }

  leave(topic: Uint8Array, second: LeaveOptions | Callback = {}): Promise<void> {
    const onleave = typeof second === 'function' ? second : undefined
    if (typeof second !== 'function' && (typeof second !== 'object' || second === null))
      throw invalidArgument('onleave', 'a function', second)
    const left = this.#host.leave(topic, typeof second === 'function' ? {} : second)
    left.catch(ignore)
    if (topic instanceof Uint8Array) this.#forget(topic)
    return withCallback(left, onleave && ((error) => onleave(error)))
  }

  connect(peer: LegacyPeer | Uint8Array, callback?: OnConnect): Promise<Connection> {
    assertCallback(callback)
    const connected = this.#connect(peer)
    if (callback === undefined) return connected
    return withCallback(connected, (error, connection) => {
      if (connection === undefined) callback(error)
      else callback(null, connection, this.#host.peers.get(publicKeyHex(connection.remotePublicKey)) as LegacyInfo)
    })
  }

  /** Adds the older names to a topic's discovery. */
  status(discovery: PeerDiscovery | null): LegacyStatus | null {
    if (discovery === null || 'announce' in discovery) return discovery as LegacyStatus | null
    return Object.defineProperties(discovery, {
      announce: { get: () => discovery.isServer },
      lookup: { get: () => discovery.isClient }
    }) as LegacyStatus
  }

  /** The swarm is being destroyed: fails all waiting callbacks. */
  destroy(): void {
    this.#sessions.clear()
    this.#waits.settleAll(new SwarmError('DESTROYED', 'the swarm was destroyed'))
  }

  #judge(peer: LegacyPeer): PeerVerdict {
    const isValid = this.#isValid(peer)
    later(() => this.#host.tell(isValid ? 'peer' : 'peer-rejected', peer))
    if (!isValid) return 'ignore'
    return this.#settings.autoconnect ? 'dial' : 'keep'
  }

  /** If the function throws, the peer is refused and the error is uncaught, as in the older systems. */
  #isValid(peer: LegacyPeer): boolean {
    return callApplication(
      () => Boolean(this.#settings.validatePeer(peer)),
      () => false
    )
  }

  #forget(topic: Uint8Array): void {
    this.#sessions.delete(topicHex(topic))
    this.#found.forgetTopic(topic)
    this.#waits.settle(topic, new SwarmError('ABORTED', 'the topic was left before it was announced'))
  }

  async #connect(peer: LegacyPeer | Uint8Array): Promise<Connection> {
    const publicKey = publicKeyOf(peer)
    const connected = this.#host.connect(publicKey)
    const info = this.#host.peers.get(publicKeyHex(publicKey))
    const topic = topicOf(peer)
    // The handshake proves the topics that the peer is known for, and it is made after this.
    if (topic !== null && info?.topics.length === 0) info.addTopic(topic)
    if (!this.#settings.autoconnect) info?.reconnect(false)
    return connected
  }
}

function ignore(): void {}
