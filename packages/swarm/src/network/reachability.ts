import { type Clock, type MonotonicMs, trace } from '@swarmway/runtime'

/** Milliseconds between two questions while nobody answers, before jitter. */
const RETRY_MS = 2000
/** Largest random part of it, up and down. */
const RETRY_JITTER = 0.25
/** Milliseconds after an answer in which a suspicion is not looked into: failures come in swarms. */
const TRUST_MS = 2000
/** Milliseconds in which what was broken by an outage comes to light. */
const RECOVERY_MS = 10_000
/** Questions in a row without an answer after which the network counts as gone. One may be lost. */
const PATIENCE = 2

/**
 * Why a swarm is offline. NO_ANSWER: no node of the DHT answers. NO_LINK: there is no link to the proxy server.
 * SERVER_OFFLINE: the proxy server is there, but no node of the DHT answers it.
 */
export type OfflineReason = 'NO_ANSWER' | 'NO_LINK' | 'SERVER_OFFLINE'

/** What a swarm knows of its network when it is offline. */
export interface OfflineState {
  /** What is missing. */
  readonly reason: OfflineReason
  /** Milliseconds until the network is tried again; null if that is not known here, or if nothing is tried. */
  readonly nextTryMs: number | null
}

/** Finds out whether the network answers. */
export interface ReachabilityContext {
  readonly clock: Clock
  readonly random: () => number
  /** Asks a few nodes, one packet each. Resolves to whether any answers, within a second or so. Must not reject. */
  ask(): Promise<boolean>
  /** The network is gone, or a further try found that it still is. */
  onOffline(state: OfflineState): void
  /**
   * The network answers again, after it was gone or after a break that this process did not notice, such as sleep: what
   * was known of the paths through it is worth nothing. `hasMoved`: our address is another one since.
   */
  onBack(wasOffline: boolean, hasMoved: boolean): void
}

/**
 * Whether a node's network answers. It costs nothing while nothing fails: only a suspicion makes it ask, and it keeps
 * asking only while nobody answers.
 */
export class Reachability {
  readonly #context: ReachabilityContext
  #state: OfflineState | null = null
  #isAsking = false
  #isStopped = false
  #timer: unknown = null
  #answeredAt: MonotonicMs | null = null
  #backAt: MonotonicMs | null = null
  #unanswered = 0
  /** A break was noticed whose end is still to be confirmed by an answer. */
  #isBroken = false
  /** Our address has changed since the last answer. */
  #hasMoved = false
  /** Counts what makes an answer in flight worthless. */
  #epoch = 0

  constructor(context: ReachabilityContext) {
    this.#context = context
  }

  /** Null while the network answers, as far as is known. */
  get offline(): OfflineState | null {
    return this.#state
  }

  /** When the network was asked and answered last; null before that. */
  get answeredAt(): MonotonicMs | null {
    return this.#answeredAt
  }

  /** Whether the network is back since a moment ago, so that much is still broken that was begun before. */
  get isRecovering(): boolean {
    return this.#isWithin(this.#backAt, RECOVERY_MS)
  }

  /** Something failed that fails without a network. */
  suspect(): void {
    if (this.#isStopped || this.#state !== null || this.#isAsking) return
    if (!this.#isWithin(this.#answeredAt, TRUST_MS)) void this.#ask()
  }

  /**
   * The process slept, or the network changed, and with it our address if `hasMoved`: old paths count for nothing, whatever
   * answers now.
   */
  onBreak(hasMoved = false): void {
    if (this.#isStopped) return
    this.#isBroken = true
    this.#hasMoved ||= hasMoved
    this.#epoch++
    this.#clearTimer()
    void this.#ask()
  }

  /** A node has answered something else. */
  onAnswer(): void {
    if (this.#state !== null || this.#isBroken) this.#answered()
  }

  /** Nothing is asked until `start`. */
  stop(): void {
    this.#isStopped = true
    this.#epoch++
    this.#isAsking = false
    this.#clearTimer()
  }

  start(): void {
    this.#isStopped = false
    this.#unanswered = 0
  }

  async #ask(): Promise<void> {
    const epoch = ++this.#epoch
    this.#isAsking = true
    const isAnswered = await this.#context.ask()
    if (epoch !== this.#epoch || this.#isStopped) return
    this.#isAsking = false
    if (isAnswered) this.#answered()
    else this.#unansweredAgain()
  }

  #answered(): void {
    const wasOffline = this.#state !== null
    const isBack = wasOffline || this.#isBroken
    this.#epoch++
    this.#isAsking = false
    this.#clearTimer()
    this.#unanswered = 0
    const hasMoved = this.#hasMoved
    this.#isBroken = false
    this.#hasMoved = false
    this.#state = null
    this.#answeredAt = this.#context.clock.now()
    if (!isBack) return
    this.#backAt = this.#answeredAt
    trace.query?.('online', { wasOffline })
    this.#context.onBack(wasOffline, hasMoved)
  }

  #unansweredAgain(): void {
    const { clock, random } = this.#context
    this.#unanswered++
    if (this.#unanswered < PATIENCE) {
      void this.#ask()
      return
    }
    const nextTryMs = Math.round(RETRY_MS * (1 + RETRY_JITTER * (2 * random() - 1)))
    const isNews = this.#state === null
    this.#state = { reason: 'NO_ANSWER', nextTryMs }
    this.#timer = clock.setTimeout(() => void this.#ask(), nextTryMs)
    if (!isNews) return
    trace.query?.('offline', { ...this.#state })
    this.#context.onOffline(this.#state)
  }

  #isWithin(at: MonotonicMs | null, ms: number): boolean {
    return at !== null && this.#context.clock.now() - at < ms
  }

  #clearTimer(): void {
    this.#context.clock.clearTimeout(this.#timer)
    this.#timer = null
  }
}
