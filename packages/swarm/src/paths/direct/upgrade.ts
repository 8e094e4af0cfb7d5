import { type Clock, RateLimit, reasonOf, trace } from '@swarmway/runtime'
import type { DirectStats } from '../../util/stats.js'
import type { Signal } from '../control.js'
import { FIRST_SPARE_ID, isBase } from '../path.js'
import type { PathObserver } from '../path-listeners.js'
import type { PathStream } from '../path-stream.js'
import type { SparePath } from '../spare/spare-path.js'
import { Attempt } from './attempt.js'
import {
  ASK_BURST,
  ASKS_PER_SECOND,
  GOOD_PATH_MS,
  MAX_DESCRIPTION_LENGTH,
  MAX_TEXT_LENGTH,
  MAX_VAIN_SHARES,
  RETRY_MAX_MS,
  RETRY_MIN_MS,
  SIGNAL_BURST,
  SIGNALS_PER_SECOND
} from './limits.js'
import { PeerConnection, type PeerConnectionContext } from './peer-connection.js'
import type { PeerConnections } from './peer-connections.js'

/** What the upgrade of a connection needs. */
export interface UpgradeContext extends Pick<PeerConnectionContext, 'createPeerConnection' | 'isAllowed'> {
  readonly pool: PeerConnections
  readonly clock: Clock
  readonly stats: DirectStats
  /** The peer's public key. */
  readonly peer: Uint8Array
  /** Whether the peer may have a direct path now. */
  isWanted(): boolean
  /** Takes a place for a direct path; false if there is none. */
  takePlace(): boolean
  freePlace(): void
  /** What we send takes another path now. */
  onPath(): void
  /** Replaces the path that the connection began with; null on the side that was dialled. */
  readonly spare: Pick<SparePath, 'begin' | 'hurry' | 'onReady'> | null
}

/** Opens a direct path for one connection, and another one when that is lost. */
export class Upgrade implements PathObserver {
  readonly #stream: PathStream
  readonly #isAsker: boolean
  readonly #context: UpgradeContext
  readonly #signals: RateLimit
  readonly #asks: RateLimit
  /** Peer connections that our peer does not know, or on which it did not answer. */
  readonly #avoided = new WeakSet<PeerConnection>()
  #attempt: Attempt | null = null
  #lastId = 0
  /** Attempts in a row that were to share a peer connection, and failed: somebody may use the id of this host. */
  #vainShares = 0
  #retryMs = RETRY_MIN_MS
  #timer: unknown = null
  /** When the current path came into use; null before that. */
  #openedMs: number | null = null
  #isClosed = false

  /** One of the two sides begins each attempt: it asks. */
  constructor(stream: PathStream, isAsker: boolean, context: UpgradeContext) {
    this.#stream = stream
    this.#isAsker = isAsker
    this.#context = context
    this.#signals = new RateLimit(SIGNALS_PER_SECOND, context.clock, SIGNAL_BURST)
    this.#asks = new RateLimit(ASKS_PER_SECOND, context.clock, ASK_BURST)
    context.stats.refused += stream.refusedCount
    stream.on('close', () => this.#close())
    stream.observe(this)
    if (isAsker) this.#ask()
  }

  onSignal(signal: Signal): void {
    const isDescription = signal.type === 'offer' || signal.type === 'answer'
    if (!this.#signals.take() || signal.text.length > (isDescription ? MAX_DESCRIPTION_LENGTH : MAX_TEXT_LENGTH))
      this.#refuse('too long, or too many')
    else if (signal.type === 'ask') this.#onAsk(signal)
    else if (signal.type === 'reachable') this.#context.spare?.hurry()
    else if (signal.attempt === this.#attempt?.id) this.#onReply(this.#attempt, signal)
  }

  /** Tells the peer that it can dial us again. */
  tellReachable(): void {
    this.#send('reachable', 0)
  }

  onActive(pathId: number): void {
    if (pathId === this.#attempt?.id) this.#onOpened(this.#attempt)
    this.#context.onPath()
  }

  onLost(pathId: number, error: Error | null): void {
    if (isBase(pathId)) this.#context.spare?.begin()
    if (pathId === this.#attempt?.id) this.#onOver(this.#attempt, error)
  }

  onSent(pathId: number, byteLength: number): void {
    if (!isBase(pathId)) this.#context.stats.bytesSent += byteLength
  }

  onSpare(): void {
    this.#context.stats.regained++
    trace.direct?.('regained', { peer: this.#context.peer })
    this.#context.spare?.onReady()
  }

  onRefused(): void {
    this.#refuse('not of the peer')
  }

  #ask(): void {
    if (this.#isClosed || this.#attempt !== null) return
    const attempt = this.#begin(this.#lastId + 1)
    if (attempt === null) this.#retry()
    else this.#send('ask', attempt.id, this.#context.pool.hostId)
  }

  #onAsk({ attempt: id, text: remoteId }: Signal): void {
    const { pool } = this.#context
    if (this.#isAsker || id <= this.#lastId || id >= FIRST_SPARE_ID || !this.#asks.take())
      this.#refuse('an attempt out of order, or too soon')
    else {
      this.#stream.removePath(this.#attempt?.id ?? id, null)
      this.#end()
      const attempt = this.#begin(id)
      if (attempt === null) this.#send('refusal', id)
      else if (pool.leads(remoteId)) this.#lead(attempt, remoteId)
      else this.#send('ready', id, pool.hostId)
    }
  }

  #onReply(attempt: Attempt, { type, text, index }: Signal): void {
    const { connection } = attempt
    const isFirst = connection?.first === attempt
    if (type === 'refusal') {
      if (connection === null) this.#retryMs = RETRY_MAX_MS
      this.#onFailed(new Error('the peer refused it'))
    } else if (connection === null) this.#onDecision(attempt, type, text)
    else if (isFirst && type === 'answer') connection.onAnswer(text)
    else if (isFirst && type === 'candidate' && !connection.addCandidate(text, index))
      this.#refuse('too many candidates')
  }

  /** The other side says who leads, or leads. */
  #onDecision(attempt: Attempt, type: Signal['type'], text: string): void {
    if (type === 'ready' && this.#isAsker) this.#lead(attempt, text)
    else if (type === 'offer') this.#connect(attempt, '')?.answer(attempt, text)
    else if (type === 'join') this.#join(attempt, text)
  }

  /** Uses a peer connection with this host if there is one, or once it is open, else makes one. Fails with one that fails. */
  #lead(attempt: Attempt, remoteId: string): void {
    const { pool } = this.#context
    const mayShare = this.#vainShares < MAX_VAIN_SHARES
    const known = pool.findWith(remoteId, (connection) => mayShare && !this.#avoided.has(connection))
    attempt.isSharing = known !== undefined
    if (known === undefined) this.#connect(attempt, remoteId)?.offer(attempt)
    else if (known.isOpen) {
      const label = this.#stream.bindingOf('ours', known.descriptions)
      attempt.connection = known
      known.expect(attempt, label)
      this.#send('join', attempt.id, label)
    } else
      known.whenSettled(() => {
        if (attempt !== this.#attempt || attempt.connection !== null) return
        if (known.isSound) this.#lead(attempt, remoteId)
        else this.#onFailed(new Error('the peer connection that it waited for did not open'))
      })
  }

  #join(attempt: Attempt, label: string): void {
    const known = this.#context.pool.find(({ descriptions }) => this.#stream.bindingOf('peer', descriptions) === label)
    if (known === undefined) {
      this.#send('refusal', attempt.id)
      this.#onFailed(new Error('the peer connection has closed'))
    } else {
      attempt.connection = known
      known.join(attempt, label)
    }
  }

  /** A new peer connection for this attempt. */
  #connect(attempt: Attempt, remoteId: string): PeerConnection | null {
    const { createPeerConnection, isAllowed, pool } = this.#context
    try {
      const send: PeerConnectionContext['send'] = (type, text, index) => this.#send(type, attempt.id, text, index)
      attempt.connection = new PeerConnection(remoteId, { createPeerConnection, isAllowed, send }, pool.forget)
      pool.all.add(attempt.connection)
    } catch (error) {
      this.#send('refusal', attempt.id)
      this.#onFailed(error as Error)
    }
    return attempt.connection
  }

  /** Null if the peer may have no path, or there is no place. */
  #begin(id: number): Attempt | null {
    this.#lastId = id
    // The application is asked, which may close the connection.
    if (!this.#context.isWanted() || this.#stream.destroying || !this.#context.takePlace()) return null
    this.#context.stats.attempts++
    this.#attempt = new Attempt(id, this.#context.clock, {
      onOpen: (transport) => this.#stream.addPath(id, transport),
      onFailed: (error) => this.#onFailed(error),
      onClosed: () => this.#context.freePlace()
    })
    return this.#attempt
  }

  #onOpened(attempt: Attempt): void {
    attempt.confirm()
    this.#openedMs = this.#context.clock.now()
    this.#vainShares = 0
    this.#context.stats.opened++
    trace.direct?.('open', { peer: this.#context.peer })
  }

  /** Also called when the path of the attempt fails later, which then is lost for the stream as well. */
  #onFailed(error: Error): void {
    const attempt = this.#attempt
    if (attempt === null) return
    if (attempt.connection !== null) this.#avoided.add(attempt.connection)
    if (attempt.isSharing && this.#openedMs === null) this.#vainShares++
    if (attempt.isOpen) this.#stream.removePath(attempt.id, error)
    else this.#onOver(attempt, error)
  }

  #onOver({ connection }: Attempt, error: Error | null): void {
    const { clock, peer, stats } = this.#context
    const what = this.#openedMs === null ? 'failed' : 'lost'
    stats[what]++
    trace.direct?.(what, { peer, ...reasonOf(error) })
    if (this.#openedMs !== null) {
      if (clock.now() - this.#openedMs >= GOOD_PATH_MS) this.#retryMs = RETRY_MIN_MS
      if (error !== null && connection !== null) connection.isSound = false
    }
    this.#end()
    this.#retry()
  }

  #retry(): void {
    if (!this.#isAsker || this.#isClosed) return
    this.#context.clock.clearTimeout(this.#timer)
    this.#timer = this.#context.clock.setTimeout(() => this.#ask(), this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS)
  }

  /** Ends the attempt, and its peer connection. */
  #end(): void {
    this.#attempt?.close()
    this.#attempt = null
    this.#openedMs = null
  }

  #close(): void {
    this.#isClosed = true
    this.#context.clock.clearTimeout(this.#timer)
    // An open path still sends what is left, and then closes the rest.
    if (this.#attempt?.isOpen === false) this.#end()
  }

  #send(type: Signal['type'], attempt: number, text = '', index = 0): void {
    this.#stream.sendSignal({ type, attempt, index, text })
  }

  #refuse(reason: string): void {
    this.#context.stats.refused++
    trace.direct?.('refused', { peer: this.#context.peer, reason })
  }
}
