import { type Clock, withoutStack } from '@swarmway/proxy-protocol'
import { trace, unref } from '@swarmway/runtime'
import type { Counters } from '../stats/counters.js'
import { FairQueue, type Owner } from './fair-queue.js'
import { Strain } from './strain.js'

/** Milliseconds between two measurements. */
const TICK_MS = 500
/** A delay counts fully after several times as long, so that one slow moment changes nothing. */
const MEMORY_MS = 6000
/** A single delay counts as at most so many times the limit, so that the load is normal again seconds after a stall. */
const MOST_TIMES = 2
/** The load is normal again below this part of the limit. */
const NORMAL_SHARE = 0.5
/** What may begin after each measurement while the load is high. */
const BEGIN_PER_TICK = 2

/** Options of {@link Load}. */
export interface LoadOptions {
  readonly clock: Clock
  /** See `maxEventLoopDelayMs`. */
  readonly maxDelayMs: number
  readonly counters: Pick<Counters, 'countLimitHit'>
  /** Default: of this process. */
  readonly strain?: Strain
}

/**
 * Measures how late the event loop is: under load, everything waits that long. While it is later than the limit, the
 * server takes no newcomers and begins less work, so that those who are here are still served.
 */
export class Load {
  /** The delay of the event loop, in milliseconds, smoothed over some seconds. */
  delayMs = 0
  /** Whether the server has to do less. */
  isHigh = false
  readonly #strain: Strain
  readonly #clock: Clock
  readonly #maxDelayMs: number
  readonly #counters: LoadOptions['counters']
  readonly #waiting = new FairQueue<() => void>({ servedAtOnce: BEGIN_PER_TICK })
  #dueMs = 0
  #timer: unknown = null

  /** Measures from now on. */
  constructor({ clock, counters, maxDelayMs, strain = new Strain() }: LoadOptions) {
    this.#strain = strain
    this.#counters = counters
    this.#clock = clock
    this.#maxDelayMs = maxDelayMs
    this.#arm()
  }

  /** See `Strain`. */
  get strain(): number {
    return this.#strain.value
  }

  /** What waits for `relief`. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** @throws ProxyError `LIMIT` while the load is high */
  assertNormal(): void {
    if (!this.isHigh) return
    this.#counters.countLimitHit('maxEventLoopDelayMs')
    throw withoutStack('LIMIT', 'the server is overloaded and takes no new clients until it has caught up')
  }

  /**
   * Call it before work that can wait. Resolves at once if the load is normal, else at the client's turn, of which there
   * are a few a second, or when the signal fires.
   */
  async relief(owner: Owner, signal: AbortSignal): Promise<void> {
    if (!this.isHigh || signal.aborted) return
    await new Promise<void>((resolve) => {
      const begin = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        this.#waiting.delete(owner, begin)
        resolve()
      }
      this.#waiting.push(owner, begin)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  /** Stops measuring; nothing waits any longer. */
  destroy(): void {
    this.#clock.clearTimeout(this.#timer)
    this.isHigh = false
    this.#begin(this.#waiting.size)
  }

  #arm(): void {
    this.#dueMs = this.#clock.now() + TICK_MS
    this.#timer = unref(this.#clock.setTimeout(() => this.#measure(), TICK_MS))
  }

  #measure(): void {
    const lateMs = Math.max(0, this.#clock.now() - this.#dueMs)
    const countedMs = Math.min(lateMs, MOST_TIMES * this.#maxDelayMs)
    const weight = 1 - Math.exp(-(TICK_MS + countedMs) / MEMORY_MS)
    this.delayMs += (countedMs - this.delayMs) * weight
    this.#judge()
    this.#strain.measure()
    this.#begin(this.isHigh ? BEGIN_PER_TICK : this.#waiting.size)
    this.#arm()
  }

  #judge(): void {
    const isHigh = this.delayMs > this.#maxDelayMs * (this.isHigh ? NORMAL_SHARE : 1)
    if (isHigh === this.isHigh) return
    this.isHigh = isHigh
    trace.server?.(isHigh ? 'load-high' : 'load-normal', { delayMs: Math.round(this.delayMs) })
  }

  #begin(count: number): void {
    for (let i = 0; i < count; i++) this.#waiting.shift()?.()
  }
}
