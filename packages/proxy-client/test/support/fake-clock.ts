import { type Clock, type MonotonicMs, monotonicMs } from '@swarmway/proxy-protocol'
import { turns } from './until.js'

/** Time that moves only when told, and a time of day that moves with it. */
export class FakeClock implements Clock {
  #now = 0
  #dateOffset = 0
  #lastId = 0
  readonly wall = { now: (): number => this.#now + this.#dateOffset }
  readonly #timers = new Map<number, { at: number; callback: () => void }>()

  now(): MonotonicMs {
    return monotonicMs(this.#now)
  }

  /** Sets the time of day and leaves the timers alone. */
  setDate(date: number): void {
    this.#dateOffset = date - this.#now
  }

  setTimeout(callback: () => void, ms: number): number {
    this.#timers.set(++this.#lastId, { at: this.#now + ms, callback })
    return this.#lastId
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as number)
  }

  /** Number of timers that are set. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves time forward and runs the timers that are due, in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const [due] = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)
      if (due === undefined) break
      const [id, { at, callback }] = due
      this.#timers.delete(id)
      this.#now = Math.max(this.#now, at)
      callback()
      await turns(5)
    }
    this.#now = end
    await turns(5)
  }
}
