import { type Clock, type MonotonicMs, monotonicMs } from '../../packages/runtime/src/index.ts'

/** Times are rounded up to this, so that much happens at once. */
const TICK_MS = 50
/** Turns of the event loop after which chains of promises and stream ticks have finished. */
const SETTLE_TURNS = 4

interface Timer {
  readonly run: () => void
  isCleared: boolean
}

/** Simulated time: it goes from tick to tick as fast as the machine can do what is due. */
export class SimulatedClock implements Clock {
  #now = 0
  readonly #ticks = new Map<number, Timer[]>()

  now(): MonotonicMs {
    return monotonicMs(this.#now)
  }

  setTimeout(run: () => void, delayMs: number): unknown {
    const at = Math.max(this.#now + TICK_MS, Math.ceil((this.#now + delayMs) / TICK_MS) * TICK_MS)
    const timer = { run, isCleared: false }
    const due = this.#ticks.get(at)
    if (due === undefined) this.#ticks.set(at, [timer])
    else due.push(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    if (typeof timer === 'object' && timer !== null) (timer as Timer).isCleared = true
  }

  /** For the fake network's own latency. */
  schedule(run: () => void, delayMs: number): void {
    this.setTimeout(run, delayMs)
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    while (this.#now < end) {
      this.#now += TICK_MS
      const due = this.#ticks.get(this.#now) ?? []
      this.#ticks.delete(this.#now)
      for (const timer of due) if (!timer.isCleared) timer.run()
      await settle()
    }
  }

  /** A clock of its own for one process, so that simulated processes share nothing that is kept by clock. */
  forProcess(): Clock {
    return {
      now: () => this.now(),
      setTimeout: (run, delayMs) => this.setTimeout(run, delayMs),
      clearTimeout: (timer) => this.clearTimeout(timer)
    }
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < SETTLE_TURNS; i++) await new Promise((resolve) => setImmediate(resolve))
}
