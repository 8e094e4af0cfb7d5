import { type Clock, type MonotonicMs, TypedEmitter, type WallClock } from '@swarmway/runtime'
import b4a from 'b4a'
import { invalidArgument } from '../errors.js'
import type { Membership } from '../groups/membership.js'
import type { Address } from '../network/dht-node.js'
import { assertObject } from '../util/check.js'
import { ownCopy, type PublicKeyHex, publicKeyHex } from '../util/keys.js'
import { PRIORITY, priorityAfter } from './priority.js'

/** Milliseconds after which a connection counts as good: the next redial is then a first one again. */
const GOOD_CONNECTION_MS = 15_000

/** Milliseconds for which a peer is left alone in either direction once the application has asked for that. */
const QUIET_MS = 60_000

/** Milliseconds after the loss of a connection in which the peer may be about to come back, as when it is restarted. */
const RETURN_MS = 60_000

/** Most reporting hosts that count. An announced peer is stored on about twenty nodes. */
export const MAX_REPORTERS = 4
const NOBODY: readonly string[] = []
const NO_MEMBERSHIPS: readonly Membership[] = []

/** Events of a {@link PeerInfo}. */
export interface PeerInfoEvents {
  /** The peer turned out to be on another of our topics. */
  topic: [topic: Uint8Array]
}

/** How a {@link PeerInfo} reports the application's changes to the swarm. */
export interface PeerInfoOwner {
  readonly clock: Clock
  readonly wallClock: WallClock
  /** `ttlMs` is Infinity for a permanent ban. */
  onBanned(info: PeerInfo, ttlMs: number): void
  onUnbanned(info: PeerInfo): void
}

/** What the swarm knows about a peer. */
export class PeerInfo extends TypedEmitter<PeerInfoEvents> {
  /** Identifies the peer, 32 bytes. */
  readonly publicKey: Uint8Array
  /** Whether the peer is on our local network: found there, or connected from there. Needs the option `lan`. */
  local = false
  /** Where it is on our local network. @internal */
  localAddress: Address | null = null
  /** Our topics that the peer is known to be on. */
  readonly topics: Uint8Array[] = []
  /** The memberships that the peer proved in the last connection's handshake, of groups that mattered. */
  memberships: readonly Membership[] = NO_MEMBERSHIPS
  /** Whether lost connections are redialled; see {@link reconnect}. */
  reconnecting = true
  /** Whether a connection to it has opened since it was last found. */
  proven = false
  /** Whether `joinPeer` asked for it. */
  explicit = false
  /** Whether we dialled the last connection. */
  client = false
  /** Number of consecutive failed dials and short-lived connections. */
  attempts = 0
  /** Number of consecutive dials that did not open. */
  failures = 0
  /** The order in which peers are dialled: 0 (last) to 5, `joinPeer`'s. */
  priority: number = PRIORITY.normal
  /** When the connection opened, in milliseconds since 1970; -1 while there is none. */
  connectedTime = -1
  /** When the last connection closed, or the last dial failed, in milliseconds since 1970; 0 before that. */
  disconnectedTime = 0
  /** Whether it is in the dial queue. */
  queued = false
  /** Whether it waits for its backoff to end. */
  waiting = false
  /** Whether direct connections have proved impossible. */
  forceRelaying = false
  /** Whether our last dial was answered, but the connection never came. @internal */
  halfOpen = false
  /** How many of `attempts` and `failures` were so soon after the loss of a connection that they make no wait longer. @internal */
  spared = 0
  /** Whether `disconnect` asked to leave it alone until it is found again. @internal */
  parked = false
  /**
   * Whether our local network or our proxy server has said that it is there, not only an announcement, and nothing has
   * spoken against it since. @internal
   */
  present = false
  /** Whether it is parked because it has proved not to be a member of a group. @internal */
  stranger = false
  /** The public key as the keys of maps have it. @internal */
  readonly key: PublicKeyHex
  /** Its bucket of the dial queue, and its position there. @internal */
  queueBucket = -1
  /** @internal */
  queueIndex = -1

  /** Hosts of nodes that have named it, up to `MAX_REPORTERS`. */
  #reporters: readonly string[] = NOBODY
  readonly #owner: PeerInfoOwner
  #announcedAddresses: Address[] | null
  #banned = false
  #banEndsAt = Number.POSITIVE_INFINITY
  /** When the connection opened, null while there is none. */
  #connectedAt: MonotonicMs | null = null
  /** When the last connection closed. */
  #lostAt: MonotonicMs | null = null
  /** When the connection closed, or the dial failed. */
  #disconnectedAt: MonotonicMs | null = null
  /** When the application asked to leave it alone. */
  #quietSince: MonotonicMs | null = null

  /** @internal */
  constructor(owner: PeerInfoOwner, publicKey: Uint8Array, relayAddresses: Address[] | null) {
    super()
    this.#owner = owner
    this.publicKey = ownCopy(publicKey)
    this.key = publicKeyHex(publicKey)
    this.#announcedAddresses = relayAddresses
  }

  /**
   * Where to ask for the peer: its own address, if it was found on our local network, then the DHT nodes through which
   * it can be reached, according to its last announcement.
   */
  get relayAddresses(): Address[] | null {
    if (this.localAddress === null) return this.#announcedAddresses
    return [this.localAddress, ...(this.#announcedAddresses ?? [])]
  }

  set relayAddresses(addresses: Address[] | null) {
    this.#announcedAddresses = addresses
  }

  /** Whether we accepted the last connection. */
  get server(): boolean {
    return !this.client
  }

  /** The first of `memberships`, null if there is none. */
  get membership(): Membership | null {
    return this.memberships[0] ?? null
  }

  /** Whether it is dialled before peers that keep failing. */
  get prioritized(): boolean {
    return this.priority >= PRIORITY.normal
  }

  /** Whether the peer is neither dialled nor accepted. Open connections stay. */
  get banned(): boolean {
    if (this.#banned && this.#owner.clock.now() >= this.#banEndsAt) this.#banned = false
    return this.#banned
  }

  /**
   * Bans the peer, or lifts the ban. A ban holds for `ttlMs` milliseconds, permanently by default. Setting the time of
   * day does not change that; time that the machine sleeps may not count.
   * It closes no connection: call `swarm.disconnect` for that.
   */
  ban(banned = true, options: { ttlMs?: number } = {}): void {
    assertObject('options', options)
    const ttlMs = options.ttlMs ?? Number.POSITIVE_INFINITY
    if (typeof ttlMs !== 'number' || !(ttlMs > 0)) throw invalidArgument('ttlMs', 'a number above 0', ttlMs)
    const wasBanned = this.banned
    this.#banned = Boolean(banned)
    this.#banEndsAt = this.#owner.clock.now() + ttlMs
    if (this.#banned && !wasBanned) this.#owner.onBanned(this, ttlMs)
    else if (!this.#banned && wasBanned) this.#owner.onUnbanned(this)
  }

  /**
   * Sets whether lost connections to the peer are redialled. Once one has ended after `reconnect(false)`, neither side
   * connects for a minute, unless `connect` or `joinPeer` asks for the peer.
   */
  reconnect(reconnecting: boolean): void {
    this.reconnecting = Boolean(reconnecting)
  }

  /** Whether neither side shall connect, because the application has ended the connection for good. @internal */
  get quiet(): boolean {
    return this.#quietSince !== null && this.#owner.clock.now() - this.#quietSince < QUIET_MS
  }

  /** @internal */
  setQuiet(isQuiet: boolean): void {
    this.#quietSince = isQuiet ? this.#owner.clock.now() : null
  }

  /** Milliseconds since its connection opened, null while there is none. @internal */
  get connectedForMs(): number | null {
    return this.#connectedAt === null ? null : this.#owner.clock.now() - this.#connectedAt
  }

  /** Milliseconds since its connection closed or its dial failed, null before that. @internal */
  get lostForMs(): number | null {
    return this.#disconnectedAt === null ? null : this.#owner.clock.now() - this.#disconnectedAt
  }

  /** @internal */
  addTopic(topic: Uint8Array): void {
    if (this.hasTopic(topic)) return
    this.topics.push(topic)
    this.emit('topic', topic)
  }

  /** @internal */
  hasTopic(topic: Uint8Array): boolean {
    return this.topics.some((known) => known === topic || b4a.equals(known, topic))
  }

  /** How many hosts' nodes have named the peer, up to {@link MAX_REPORTERS}. @internal */
  get reportCount(): number {
    return this.#reporters.length
  }

  /** A node has named the peer. Returns whether it counts: whether it is another host's than before. @internal */
  onReported({ host }: Address): boolean {
    if (this.#reporters.length >= MAX_REPORTERS || this.#reporters.includes(host)) return false
    this.#reporters = [...this.#reporters, host]
    return true
  }

  /** Returns whether the peer was known to be on it. @internal */
  removeTopic(topic: Uint8Array): boolean {
    const index = this.topics.findIndex((known) => b4a.equals(known, topic))
    if (index !== -1) this.topics.splice(index, 1)
    return index !== -1
  }

  /** Forgets earlier failures: the peer was found again. @internal */
  reset(): void {
    this.client = false
    this.proven = false
    this.parked = false
    this.stranger = false
    this.attempts = 0
    this.failures = 0
    this.spared = 0
  }

  /**
   * The dial that has just failed met nobody. Soon after a connection was lost the peer may be starting again, and waits
   * that grow would make it wait as long as it was gone. The first failure counts all the same. @internal
   */
  spare(): void {
    const isSoon = this.#lostAt !== null && this.#owner.clock.now() - this.#lostAt < RETURN_MS
    if (this.proven && isSoon && this.failures - this.spared > 1) this.spared++
  }

  /** The network was at fault: failures do not count against the peer. @internal */
  forgive(): void {
    this.attempts = Math.min(this.attempts, 1)
    this.failures = 0
    this.spared = 0
  }

  /** @internal */
  onConnected(client: boolean): void {
    this.client = client
    this.proven = true
    this.halfOpen = false
    this.failures = 0
    this.connectedTime = this.#owner.wallClock.now()
    this.#connectedAt = this.#owner.clock.now()
  }

  /** Prevents a long-lived connection from resetting the record when it closes. @internal */
  discountConnection(): void {
    if (this.#connectedAt !== null) this.#connectedAt = this.#owner.clock.now()
  }

  /** Records the address at which it was found on our local network; null once it is no longer found. @internal */
  onLocal(address: Address | null): void {
    this.localAddress = address
    if (address === null) this.present = false
    if (address !== null || this.#connectedAt === null) this.local = address !== null
  }

  /** The connection closed, or the dial failed. @internal */
  onDisconnected(): void {
    this.disconnectedTime = this.#owner.wallClock.now()
    this.#disconnectedAt = this.#owner.clock.now()
    this.present = this.localAddress !== null
    if (this.#connectedAt !== null && !this.reconnecting) this.setQuiet(true)
    if (this.#connectedAt === null) this.failures++
    else this.#onLost(this.#connectedAt)
    this.connectedTime = -1
    this.#connectedAt = null
    this.attempts++
  }

  #onLost(connectedAt: MonotonicMs): void {
    this.#lostAt = this.#owner.clock.now()
    this.spared = 0
    if (this.#lostAt - connectedAt >= GOOD_CONNECTION_MS) this.attempts = 0
  }

  /** The priority that follows from the peer's record. @internal */
  updatePriority(): void {
    this.priority = this.explicit ? PRIORITY.explicit : priorityAfter(this.attempts, this.proven)
  }
}
