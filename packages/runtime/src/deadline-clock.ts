import { type Clock, type MonotonicMs, unref } from './clock.js'
import { LoopWatch } from './loop-watch.js'

/** Shorter timers stay as they are: nobody else has to meet them. */
const MIN_DELAY_MS = 1000
/** An extension is at least this long, because what waited in sockets may need a few round trips. */
const MIN_EXTENSION_MS = 1000

const clocks = new WeakMap<Clock, DeadlineClock>()

/**
 * The clock for deadlines that others have to meet. Its timers of a second or more do not count the time in which this
 * process stood still, when answers waited unread in the sockets. Each is extended to at most twice its delay, so a
 * process that hardly ever runs, such as a hidden tab, still gets there. Otherwise it is `clock`.
 */
export function deadlineClock(clock: Clock): Clock {
  if (clock instanceof DeadlineClock) return clock
  const known = clocks.get(clock) ?? new DeadlineClock(clock)
  clocks.set(clock, known)
  return known
}

class DeadlineClock implements Clock {
  readonly #clock: Clock
  readonly #watch: LoopWatch

  constructor(clock: Clock) {
    this.#clock = clock
    this.#watch = new LoopWatch(clock)
  }

  now(): MonotonicMs {
    return this.#clock.now()
  }

  setTimeout(run: () => void, delayMs: number): unknown {
    if (delayMs < MIN_DELAY_MS) return this.#clock.setTimeout(run, delayMs)
    return new Deadline(this.#clock, this.#watch, run, delayMs)
  }

  clearTimeout(timer: unknown): void {
    if (timer instanceof Deadline) timer.cancel()
    else this.#clock.clearTimeout(timer)
  }
}

class Deadline {
  readonly #clock: Clock
  readonly #watch: LoopWatch
  readonly #run: () => void
  /** The time by which it may still be extended. */
  #allowanceMs: number
  #lostBeforeMs: number
  #timer: unknown
  #isOver = false

  constructor(clock: Clock, watch: LoopWatch, run: () => void, delayMs: number) {
    this.#clock = clock
    this.#watch = watch
    this.#run = run
    this.#allowanceMs = delayMs
    watch.acquire()
    this.#lostBeforeMs = watch.lostMs
    this.#timer = clock.setTimeout(() => this.#onTimer(), delayMs)
  }

  cancel(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#clock.clearTimeout(this.#timer)
    this.#watch.release()
  }

  /** As of Node's timers. */
  unref(): void {
    unref(this.#timer)
  }

  #onTimer(): void {
    const lostMs = this.#watch.lostMs - this.#lostBeforeMs
    const extensionMs = lostMs > 0 ? Math.min(Math.max(lostMs, MIN_EXTENSION_MS), this.#allowanceMs) : 0
    if (extensionMs > 0) {
      this.#allowanceMs -= extensionMs
      this.#lostBeforeMs += lostMs
      this.#timer = this.#clock.setTimeout(() => this.#onTimer(), extensionMs)
    } else {
      this.cancel()
      this.#run()
    }
  }
}
