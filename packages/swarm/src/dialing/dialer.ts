import { trace } from '@swarmway/runtime'
import type { ConnectionLimits } from '../connections/limits.js'
import type { OpenConnection } from '../connections/table.js'
import { SwarmError, type SwarmErrorCode } from '../errors.js'
import type { Connection } from '../network/connection.js'
import type { PeerInfo } from '../peers/peer-info.js'
import type { AbortSignalLike } from '../util/abort-signal.js'
import { DialCandidates } from './candidates.js'
import { Dial, type DialContext } from './dial.js'
import { DialRoom } from './dial-room.js'
import { Flushes } from './flushes.js'
import { isHarmless, OPENED } from './outcome.js'
import { Redials, type RedialsContext } from './redials.js'
import { Waiters } from './waiters.js'
import { YieldedDials } from './yielded-dials.js'

/** What the dialer needs. */
export interface DialerContext extends DialContext, RedialsContext {
  readonly settings: DialContext['settings'] & RedialsContext['settings']
  readonly limits: ConnectionLimits
  /** A connection is ready to be shown to the application. */
  onOpen(info: PeerInfo, open: OpenConnection, handshakeTopics: readonly Uint8Array[]): void
  /** More peers may be dialled than are known. */
  onLackOfPeers(): void
  emitUpdate(): void
}

/** Dials the peers that the swarm wants, within its limits, and redials those that were lost. */
export class Dialer {
  /** Dials in progress. */
  connecting = 0
  /** How many there may be. */
  readonly room: DialRoom
  readonly #context: DialerContext
  readonly #candidates: DialCandidates
  readonly #redials: Redials
  readonly #flushes = new Flushes()
  readonly #waiters = new Waiters()
  readonly #yielded: YieldedDials
  #isPumping = false

  constructor(context: DialerContext) {
    this.#context = context
    this.#candidates = new DialCandidates(context, {
      isWanted: (info) => this.isWanted(info),
      onSkipped: (info, isDropped) => this.#onSkipped(info, isDropped)
    })
    this.#yielded = new YieldedDials(context.table, (info, code) => this.#onFailed(info, code, null))
    this.#redials = new Redials(context, this)
    this.room = new DialRoom(context, () => this.pump())
  }

  /** Has the peer dialled in its turn, if it is wanted and there is nothing with it yet. */
  enqueue(info: PeerInfo): void {
    this.#candidates.unlimit(info)
    if (info.banned || info.parked || !this.isWanted(info) || this.#context.table.isTaken(info)) {
      this.#flushes.settle(info)
      this.#release(info)
      return
    }
    this.#redials.remove(info)
    if (this.#waiters.has(info.publicKey) && this.#context.isActive()) this.#dial(info, true)
    else this.#candidates.add(info)
    this.pump()
  }

  /** Whether more peers may be dialled than are known. */
  get lacksPeers(): boolean {
    return this.#candidates.size < this.#context.limits.dialRoom
  }

  /** Puts a queued peer where it belongs now that more, or less, speaks for it. */
  promote(info: PeerInfo): void {
    this.#candidates.promote(info)
  }

  /** Whether the application, or a topic that is joined, asks for the peer. */
  isWanted(info: PeerInfo): boolean {
    if (info.explicit || this.#waiters.has(info.publicKey)) return true
    return this.#context.topics.joined(info.topics).length > 0
  }

  /** Removes the peer from everything that would dial it. */
  forget(info: PeerInfo): void {
    this.#redials.remove(info)
    this.#candidates.remove(info)
    this.#flushes.settle(info)
  }

  /** Like `forget`; also ends a dial in progress and the calls of `connect` that wait for the peer. */
  giveUp(info: PeerInfo, error: SwarmError): void {
    this.#waiters.reject(info.publicKey, error)
    this.forget(info)
    this.#context.table.get(info)?.dial?.cancel('CANCELLED')
  }

  /** Reconsiders, after `delayMs`, a peer that must not be dialled yet. */
  enqueueLater(info: PeerInfo, delayMs: number): void {
    this.#redials.add(info, delayMs)
  }

  /** The topic was left: returns the peers that its limit held back, which may be enqueued for another one. */
  takeLimited(topic: Uint8Array): PeerInfo[] {
    return this.#candidates.takeLimited(topic)
  }

  /** As `enqueue`, but not before its backoff ends: it was lost, and is found again by a look that hurries nobody. */
  enqueueInTime(info: PeerInfo): void {
    const delayMs = this.#redials.remainingMs(info)
    if (delayMs === null) this.#release(info)
    else if (delayMs > 0) this.enqueueLater(info, delayMs)
    else this.enqueue(info)
  }

  /** Begins as many dials as there is room for. */
  pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    let hasRoom = true
    while (this.#context.isActive() && this.#candidates.size > 0) {
      hasRoom = this.room.has(this.connecting)
      const info = hasRoom ? this.#candidates.next() : null
      if (info === null) break
      this.#dial(info, info.explicit)
    }
    this.#isPumping = false
    if (hasRoom && this.connecting === 0 && this.#context.isActive()) this.#flushes.onIdle()
    if (this.lacksPeers) this.#context.onLackOfPeers()
  }

  /** Dials at once, ignoring the limits, and resolves to the connection. */
  async connect(info: PeerInfo, signal: AbortSignalLike | undefined): Promise<Connection> {
    const { publicKey } = info
    const slot = this.#context.table.get(publicKey)
    const current = slot?.open?.connection
    if (current !== undefined && !current.destroying) return current
    const connection = this.#waiters.wait(publicKey, signal, () => this.#abandon(info))
    if (!this.#context.table.isTaken(publicKey)) {
      this.forget(info)
      this.#dial(info, true)
    } else this.#context.table.change(info, { isAllowance: true })
    return connection
  }

  /** Resolves when each peer that is now queued or being dialled has been tried; see {@link Flushes}. */
  flush(): Promise<boolean> {
    if (!this.#context.isActive()) return Promise.resolve(false)
    const dialled = [...this.#context.table].filter((slot) => slot.dial !== null).map((slot) => slot.info)
    const flushed = this.#flushes.wait([...this.#candidates.queued(), ...dialled])
    this.pump()
    return flushed
  }

  /** A connection with the peer is open, no matter which side dialled. */
  onOpen(info: PeerInfo, connection: Connection): void {
    this.#yielded.delete(info)
    this.forget(info)
    this.#waiters.resolve(info.publicKey, connection)
  }

  /**
   * An open connection has closed: dial again if this side should. If an outage has ended it, both sides should, as each
   * may see it first.
   */
  onLost(info: PeerInfo, isByOutage: boolean): void {
    info.onDisconnected()
    if (this.#waiters.has(info.publicKey) || (isByOutage && info.reconnecting)) this.enqueue(info)
    else if (info.client || info.explicit) this.#redials.schedule(info)
    else this.#release(info)
    this.#useRoom()
  }

  /** Part of the peer's slot was freed without a connection, or there is room again for others. */
  onSlotFreed(info: PeerInfo): void {
    const yielded = this.#yielded.ready(info)
    if (yielded !== null) this.#show(info, yielded)
    else if (!this.#context.table.has(info) && !info.queued && !info.waiting) this.enqueue(info)
    this.#useRoom()
  }

  /**
   * Has the peers in backoff dialled now, as if none had failed: the network is back. If `isTotal`, dials in progress
   * begin again too, since they wait for answers to what was lost.
   */
  hurry(isTotal: boolean): void {
    const dialling = isTotal ? [...this.#context.table].filter((slot) => slot.dial !== null) : []
    const waiting = this.#redials.drain()
    this.room.restart()
    for (const info of [...waiting, ...dialling.map((slot) => slot.info)]) info.forgive()
    for (const slot of dialling) slot.dial?.cancel('CANCELLED')
    if (isTotal) this.#context.table.doubtInbound()
    for (const info of waiting) this.enqueue(info)
  }

  /** Ends all dials. Their peers, and those that wait, are queued for when the swarm is active again. */
  suspend(): void {
    this.#flushes.stop()
    this.room.stop()
    this.#context.table.cancelDials()
    for (const info of this.#redials.drain()) this.enqueue(info)
    this.#waiters.rejectAll(new SwarmError('SUSPENDED', 'the swarm was suspended'))
  }

  destroy(): void {
    this.#flushes.stop()
    this.room.stop()
    this.#context.table.cancelDials()
    this.#redials.drain()
    this.#candidates.clear()
    this.#waiters.rejectAll(new SwarmError('DESTROYED', 'the swarm was destroyed'))
  }

  #useRoom(): void {
    for (const limited of this.#candidates.takeFitting()) this.enqueue(limited)
    this.pump()
  }

  #onSkipped(info: PeerInfo, isDropped: boolean): void {
    if (isDropped) this.#release(info)
    this.#flushes.settle(info)
  }

  #dial(info: PeerInfo, isAllowance: boolean): void {
    const dial = new Dial(this.#context, info, (ended, code, error) => this.#onEnd(ended, code, error))
    this.connecting++
    this.room.begin()
    this.#context.stats.connects.client.attempted++
    const isAllowed = isAllowance || this.#context.table.get(info)?.isAllowance === true
    this.#context.table.change(info, { dial, isAllowance: isAllowed })
    trace.dial?.('begin', { peer: info.publicKey, explicit: info.explicit })
    dial.start()
    this.#context.emitUpdate()
  }

  #onEnd(dial: Dial, code: string, error: Error | null): void {
    const { info } = dial
    this.room.end(code)
    if (code === OPENED && dial.connection !== null) this.#onOpened(dial, dial.connection)
    else this.#onFailed(info, code, error)
  }

  #onOpened(dial: Dial, connection: Connection): void {
    const { info, memberships, origin } = dial
    const { identity, table } = this.#context
    const open = { connection, isClient: true, origin, memberships }
    const isCrossed = table.get(info)?.inbound && origin === null
    if (isCrossed && !identity.winsTieAgainst(info.publicKey)) this.#yielded.add(info, open)
    else this.#show(info, open, dial.handshakeTopics)
  }

  #show(info: PeerInfo, open: OpenConnection, handshakeTopics: readonly Uint8Array[] = []): void {
    this.#yielded.delete(info)
    this.connecting--
    this.#count(OPENED)
    trace.dial?.('opened', { peer: info.publicKey })
    this.#context.table.change(info, { dial: null, open })
    this.#context.onOpen(info, open, handshakeTopics)
    this.pump()
  }

  #onFailed(info: PeerInfo, code: string, error: Error | null): void {
    this.connecting--
    this.#count(code)
    this.#context.stats.connects.client.closed++
    if (code === 'DUPLICATE') this.#context.stats.dedupDrops++
    this.#context.table.change(info, { dial: null })
    if (isHarmless(code)) this.#redials.afterHarmless(info, code)
    else {
      // HyperDHT's codes are passed on as they are.
      const options = { cause: error }
      const failure = new SwarmError(code as SwarmErrorCode, 'could not reach the peer, see docs/errors.md', options)
      this.#waiters.reject(info.publicKey, failure)
      this.#redials.afterFailure(info, code, error)
    }
    if (code === 'DUPLICATE' && this.#isExpected(info)) this.#flushes.defer(info)
    else this.#flushes.settle(info)
    this.#context.emitUpdate()
    this.#useRoom()
  }

  /** Whether a dial that crossed the peer's own may still lead to a connection. */
  #isExpected(info: PeerInfo): boolean {
    const slot = this.#context.table.get(info)
    return this.#context.isActive() && (info.waiting || (slot !== undefined && slot.open === null))
  }

  /** The last call that wanted the peer was aborted. */
  #abandon(info: PeerInfo): void {
    if (!this.isWanted(info)) this.#context.table.get(info)?.dial?.cancel('CANCELLED')
  }

  #release(info: PeerInfo): void {
    this.#context.peers.release(info, this.#context.table.has(info))
  }

  #count(code: string): void {
    const { dials } = this.#context.stats
    dials[code] = (dials[code] ?? 0) + 1
  }
}
