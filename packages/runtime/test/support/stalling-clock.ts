import { type MonotonicMs, monotonicMs } from '../../src/index.js'
import { FakeClock } from './fake-clock.js'

/** A fake clock whose process can stand still: timers that fall due meanwhile fire late. */
export class StallingClock extends FakeClock {
  #stalledMs = 0

  override now(): MonotonicMs {
    return monotonicMs(super.now() + this.#stalledMs)
  }

  /** The process stands still, from now on, for so long. */
  stall(ms: number): void {
    this.#stalledMs += ms
  }
}
