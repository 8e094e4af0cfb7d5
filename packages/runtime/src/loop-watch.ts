import { type Clock, unref } from './clock.js'

/** Milliseconds between two looks. */
const TICK_MS = 250
/** A timer that is this late is normal on a busy machine. */
const TOLERANCE_MS = 100

/** Measures how long the event loop of this process stood still. Looks only while somebody uses it. */
export class LoopWatch {
  readonly #clock: Clock
  #users = 0
  #timer: unknown = null
  #dueMs = 0
  #lostMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds lost so far, a stall that is just ending included. Only differences mean anything. */
  get lostMs(): number {
    return this.#lostMs + this.#lateMs()
  }

  /** Begins to look, until `release` has been called as often as this. */
  acquire(): void {
    if (this.#users++ === 0) this.#arm()
  }

  release(): void {
    if (--this.#users > 0) return
    this.#lostMs = this.lostMs
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #arm(): void {
    this.#dueMs = this.#clock.now() + TICK_MS
    this.#timer = unref(this.#clock.setTimeout(() => this.#tick(), TICK_MS))
  }

  #tick(): void {
    this.#lostMs = this.lostMs
    this.#arm()
  }

  #lateMs(): number {
    const lateMs = this.#timer === null ? 0 : this.#clock.now() - this.#dueMs
    return lateMs > TOLERANCE_MS ? lateMs : 0
  }
}
