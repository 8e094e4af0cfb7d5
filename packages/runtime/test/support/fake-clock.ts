import { type Clock, type MonotonicMs, monotonicMs } from '../../src/index.js'
import { turns } from './until.js'

interface Timer {
  readonly at: number
  readonly run: () => void
  /** Whether the code under test set it, as opposed to the fake network. */
  readonly isCounted: boolean
}

/** Turns of the event loop after which chains of promises and stream ticks have finished. */
const SETTLE_TURNS = 5

/** A clock that stands still until a test moves it, and a time of day that moves with it. */
export class FakeClock implements Clock {
  #now = 0
  #dateOffset = 1_700_001_000_000
  #timers = new Set<Timer>()
  readonly wall = { now: (): number => this.#now + this.#dateOffset }

  /** Timers set by the code under test that have neither fired nor been cleared. */
  get liveTimers(): number {
    return [...this.#timers].filter((timer) => timer.isCounted).length
  }

  /** Milliseconds until the next timer, null if there is none. */
  get nextMs(): number | null {
    const next = this.#next(Number.POSITIVE_INFINITY)
    return next === null ? null : next.at - this.#now
  }

  now(): MonotonicMs {
    return monotonicMs(this.#now)
  }

  /** Sets only the time of day. */
  setDate(date: number): void {
    this.#dateOffset = date - this.#now
  }

  setTimeout(run: () => void, delayMs: number): unknown {
    return this.#add(run, delayMs, true)
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer)
  }

  /** Like setTimeout, for the fake network's own latency. */
  schedule(run: () => void, delayMs: number): void {
    this.#add(run, delayMs, false)
  }

  /** Advances time, firing timers in order as they fall due, and lets everything that follows from them happen. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (let next = this.#next(end); next !== null; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.at)
      for (const timer of this.#dueAt(this.#now)) this.#fire(timer)
      await settle()
    }
    this.#now = end
  }

  /** Advances time, timer by timer, until `condition` holds. Throws if it never does. */
  async advanceUntil(condition: () => boolean, mostMs = 3_600_000): Promise<void> {
    const end = this.#now + mostMs
    await settle()
    while (!condition()) {
      const next = this.#next(end)
      if (next === null) throw new Error(`the condition did not come true: ${condition}`)
      await this.advance(next.at - this.#now)
    }
  }

  #add(run: () => void, delayMs: number, isCounted: boolean): Timer {
    const timer = { at: this.#now + Math.max(0, delayMs), run, isCounted }
    this.#timers.add(timer)
    return timer
  }

  #next(end: number): Timer | null {
    let next: Timer | null = null
    for (const timer of this.#timers) if (timer.at <= end && (next === null || timer.at < next.at)) next = timer
    return next
  }

  #dueAt(now: number): Timer[] {
    return [...this.#timers].filter((timer) => timer.at <= now)
  }

  #fire(timer: Timer): void {
    // A timer that fired a moment before may have cleared this one.
    if (this.#timers.delete(timer)) timer.run()
  }
}

/** Lets everything happen that takes no time: microtasks, promise chains, stream ticks. */
export function settle(): Promise<void> {
  return turns(SETTLE_TURNS)
}
