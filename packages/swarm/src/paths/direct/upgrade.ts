import { type Clock, RateLimit, reasonOf, trace } from '@swarmway/runtime'
import type { DirectStats } from '../../util/stats.js'
import { FIRST_SPARE_ID, isBase } from '../path.js'
import type { PathObserver } from '../path-listeners.js'
import type { PathStream } from '../path-stream.js'
import { Attempt, type AttemptContext } from './attempt.js'
import {
  GOOD_PATH_MS,
  OFFER_BURST,
  OFFERS_PER_SECOND,
  RETRY_MAX_MS,
  RETRY_MIN_MS,
  SIGNAL_BURST,
  SIGNALS_PER_SECOND
} from './limits.js'
import { decodeSignal, encodeSignal, type Signal } from './signals.js'

/** What the upgrade of a connection needs. */
export interface UpgradeContext extends AttemptContext {
  readonly clock: Clock
  readonly stats: DirectStats
  /** The peer's public key. */
  readonly peer: Uint8Array
  /** Whether the peer may have a direct path now. */
  isWanted(): boolean
  /** Takes a place for a peer connection; false if there is none. */
  takePlace(): boolean
  freePlace(): void
  /** What we send takes another path now. */
  onPath(): void
  /** The path that the connection began with is lost: there is only the direct one. */
  onBaseLost(): void
  /** There is a replacement for it. */
  onSpare(): void
  /** The peer says that it can be dialled again. */
  onReachable(): void
}

/** Opens a direct path for one connection, and another one when that is lost. */
export class Upgrade implements PathObserver {
  readonly #stream: PathStream
  readonly #isOfferer: boolean
  readonly #context: UpgradeContext
  readonly #signals: RateLimit
  readonly #offers: RateLimit
  #attempt: Attempt | null = null
  #lastId = 0
  #retryMs = RETRY_MIN_MS
  #timer: unknown = null
  /** When the current path came into use; null before that. */
  #openedMs: number | null = null
  #isClosed = false

  /** One of the two sides is the offerer: it begins each attempt. */
  constructor(stream: PathStream, isOfferer: boolean, context: UpgradeContext) {
    this.#stream = stream
    this.#isOfferer = isOfferer
    this.#context = context
    this.#signals = new RateLimit(SIGNALS_PER_SECOND, context.clock, SIGNAL_BURST)
    this.#offers = new RateLimit(OFFERS_PER_SECOND, context.clock, OFFER_BURST)
    context.stats.refused += stream.refusedCount
    stream.on('close', () => this.#close())
    stream.observe(this)
    if (isOfferer) this.#offer()
  }

  onSignal(bytes: Uint8Array): void {
    const signal = this.#signals.take() ? decodeSignal(bytes) : null
    if (signal === null) this.#refuse('malformed, or too many')
    else if (signal.type === 'offer') this.#onOffer(signal)
    else if (signal.type === 'reachable') this.#context.onReachable()
    else if (signal.attempt === this.#attempt?.id) this.#onReply(this.#attempt, signal)
  }

  /** Tells the peer that it can dial us again. */
  tellReachable(): void {
    this.#send({ type: 'reachable', attempt: 0, index: 0, text: '' })
  }

  onActive(pathId: number): void {
    if (pathId === this.#attempt?.id) this.#onOpened(this.#attempt)
    this.#context.onPath()
  }

  onLost(pathId: number, error: Error | null): void {
    if (isBase(pathId)) this.#context.onBaseLost()
    if (pathId !== this.#attempt?.id) return
    if (this.#openedMs === null) this.#context.stats.failed++
    else this.#context.stats.lost++
    if (this.#openedMs !== null && this.#context.clock.now() - this.#openedMs >= GOOD_PATH_MS)
      this.#retryMs = RETRY_MIN_MS
    trace.direct?.('lost', { peer: this.#context.peer, ...reasonOf(error) })
    this.#end()
    this.#retry()
  }

  onSent(pathId: number, byteLength: number): void {
    if (!isBase(pathId)) this.#context.stats.bytesSent += byteLength
  }

  onSpare(): void {
    this.#context.stats.regained++
    trace.direct?.('regained', { peer: this.#context.peer })
    this.#context.onSpare()
  }

  onRefused(): void {
    this.#refuse('not of the peer')
  }

  #offer(): void {
    if (this.#isClosed || this.#attempt !== null) return
    const attempt = this.#begin(this.#lastId + 1)
    if (attempt === null) this.#retry()
    else attempt.offer()
  }

  #onOffer({ attempt: id, text }: Signal): void {
    if (this.#isOfferer || id <= this.#lastId || id >= FIRST_SPARE_ID || !this.#offers.take())
      this.#refuse('an offer out of order, or too soon')
    else {
      this.#stream.removePath(this.#attempt?.id ?? id, null)
      this.#end()
      const attempt = this.#begin(id)
      if (attempt === null) this.#send({ type: 'refusal', attempt: id, index: 0, text: '' })
      else attempt.describe('offer', text)
    }
  }

  #onReply(attempt: Attempt, { type, text, index }: Signal): void {
    if (type === 'candidate') {
      if (!attempt.addCandidate(text, index)) this.#refuse('too many candidates')
    } else if (this.#isOfferer && type === 'answer') attempt.describe('answer', text)
    else if (this.#isOfferer && type === 'refusal') {
      this.#retryMs = RETRY_MAX_MS
      this.#onFailed(new Error('the peer wants no direct path'))
    }
  }

  /** Null if the peer may have no path, there is no place, or no peer connection can be made. */
  #begin(id: number): Attempt | null {
    this.#lastId = id
    if (!this.#context.isWanted() || !this.#context.takePlace()) return null
    this.#context.stats.attempts++
    try {
      this.#attempt = new Attempt(id, this.#context, {
        send: (signal) => this.#send(signal),
        onOpen: (transport) => this.#stream.addPath(id, transport),
        onFailed: (error) => this.#onFailed(error),
        onClosed: () => this.#context.freePlace()
      })
    } catch (error) {
      this.#context.freePlace()
      trace.direct?.('failed', { peer: this.#context.peer, ...reasonOf(error) })
    }
    return this.#attempt
  }

  #onOpened(attempt: Attempt): void {
    attempt.confirm()
    this.#openedMs = this.#context.clock.now()
    this.#context.stats.opened++
    trace.direct?.('open', { peer: this.#context.peer })
  }

  /** Also called when the path of the attempt fails later, which then is lost for the stream as well. */
  #onFailed(error: Error): void {
    const attempt = this.#attempt
    if (attempt === null) return
    if (this.#openedMs !== null) this.#stream.removePath(attempt.id, error)
    else {
      this.#context.stats.failed++
      trace.direct?.('failed', { peer: this.#context.peer, ...reasonOf(error) })
      this.#end()
      this.#stream.removePath(attempt.id, error)
      this.#retry()
    }
  }

  #retry(): void {
    if (!this.#isOfferer || this.#isClosed) return
    this.#context.clock.clearTimeout(this.#timer)
    this.#timer = this.#context.clock.setTimeout(() => this.#offer(), this.#retryMs)
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

  #send(signal: Signal): void {
    this.#stream.sendSignal(encodeSignal(signal))
  }

  #refuse(reason: string): void {
    this.#context.stats.refused++
    trace.direct?.('refused', { peer: this.#context.peer, reason })
  }
}
