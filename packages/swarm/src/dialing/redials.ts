import { type Clock, trace } from '@swarmway/runtime'
import type { ConnectionTable } from '../connections/table.js'
import type { RelayChoice } from '../network/dht-node.js'
import type { PeerInfo } from '../peers/peer-info.js'
import type { PeerTable } from '../peers/peer-table.js'
import { type BackoffSettings, nextDialMs, RetryTimer } from './backoff.js'
import type { DialFailure } from './failure.js'
import { isAbsence, needsRelay, redialSteps, stageOf, USUAL_STEPS, waitsForDiscovery } from './outcome.js'

/** What the redials need. */
export interface RedialsContext {
  readonly settings: BackoffSettings & { readonly clock: Clock; readonly random: () => number }
  readonly peers: PeerTable
  readonly table: ConnectionTable
  /** False while suspended and after destroy, when nothing new may begin. */
  isActive(): boolean
  /** The relay to use for a connection. */
  relay(force: boolean): RelayChoice
  emitDialError(failure: DialFailure): void
}

/** Dials the peers that are due. */
export interface RedialsListener {
  /** Whether anything still asks for the peer. */
  isWanted(info: PeerInfo): boolean
  /** The peer's wait is over. */
  enqueue(info: PeerInfo): void
}

/** Decides whether and when a peer is dialled again after a dial has failed or a connection was lost. */
export class Redials {
  readonly #context: RedialsContext
  readonly #listener: RedialsListener
  readonly #timer: RetryTimer

  constructor(context: RedialsContext, listener: RedialsListener) {
    this.#context = context
    this.#listener = listener
    this.#timer = new RetryTimer(context.settings.clock, (info) => listener.enqueue(info))
  }

  /** Reconsiders, after `delayMs`, a peer that must not be dialled yet. */
  add(info: PeerInfo, delayMs: number): void {
    if (this.#context.isActive() && this.#listener.isWanted(info)) this.#timer.add(info, delayMs)
  }

  /** Ends the peer's wait without a dial. */
  remove(info: PeerInfo): void {
    this.#timer.remove(info)
  }

  /** Ends every wait and returns the peers that waited. */
  drain(): PeerInfo[] {
    return this.#timer.drain()
  }

  /** Schedules the next attempt, and returns the milliseconds until then, or null for never. */
  schedule(info: PeerInfo, steps = USUAL_STEPS): number | null {
    const { settings, table } = this.#context
    const delayMs = this.#listener.isWanted(info) ? nextDialMs(info, settings, settings.random, steps) : null
    if (delayMs === null || table.isTaken(info)) return this.#release(info)
    if (this.#context.isActive()) this.#timer.add(info, delayMs)
    else this.#listener.enqueue(info)
    return delayMs
  }

  /** Milliseconds that are left of the peer's backoff; null if it is not redialled automatically. */
  remainingMs(info: PeerInfo): number | null {
    const { settings } = this.#context
    const delayMs = nextDialMs(info, settings, settings.random)
    return delayMs === null ? null : Math.max(0, delayMs - (info.lostForMs ?? delayMs))
  }

  /** A dial has ended with a code that says nothing against the peer. */
  afterHarmless(info: PeerInfo, code: string): void {
    const { settings, table } = this.#context
    const firstMs = settings.backoffs[0] ?? 0
    const isRetried = code !== 'CANCELLED' && !table.isTaken(info) && this.#listener.isWanted(info)
    const nextTryMs = isRetried ? firstMs : null
    trace.dial?.('dropped', { peer: info.publicKey, code, attempt: info.attempts, nextTryMs })
    if (code === 'CANCELLED') this.#listener.enqueue(info)
    else if (isRetried) this.#timer.add(info, firstMs)
  }

  /** A dial has failed: reports it with the time of the next attempt. */
  afterFailure(info: PeerInfo, code: string, error: Error | null): void {
    const isRelayNew = needsRelay(code) && !info.forceRelaying && this.#context.relay(true) !== null
    if (isRelayNew) info.forceRelaying = true
    info.onDisconnected()
    if (isAbsence(code)) info.spare()
    // The next attempt goes another way, or may end differently, so the shortest wait is enough.
    if (isRelayNew || (code === 'UNCONFIRMED' && !info.halfOpen)) info.attempts = 0
    info.halfOpen = code === 'UNCONFIRMED'
    const { publicKey, attempts: attempt } = info
    const isLeft = waitsForDiscovery(code) && !info.explicit
    const nextTryMs = isLeft ? this.#leaveAlone(info, code) : this.schedule(info, redialSteps(code))
    const stage = stageOf(code)
    trace.dial?.('failed', { peer: publicKey, stage, code, attempt, nextTryMs, reason: error?.message ?? '' })
    this.#context.emitDialError({ publicKey, stage, code, attempt, nextTryMs, error })
  }

  /** Until it is found again. For a peer that is not a member, the re-lookups after a join do not count. */
  #leaveAlone(info: PeerInfo, code: string): null {
    info.stranger = code === 'NOT_A_MEMBER' && this.#listener.isWanted(info)
    info.parked = info.stranger
    return this.#release(info)
  }

  #release(info: PeerInfo): null {
    this.#context.peers.release(info, this.#context.table.has(info))
    return null
  }
}
