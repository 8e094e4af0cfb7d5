import { type MonotonicMs, monotonicMs } from '@swarmway/runtime'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'

/** A clock that moves with each look at it, as work takes time. */
export class WorkingClock extends FakeClock {
  /** Called when something asks for a turn of the event loop. */
  onPause = (): void => {}
  readonly #lookMs: number
  #looks = 0

  constructor(lookMs: number) {
    super()
    this.#lookMs = lookMs
  }

  override now(): MonotonicMs {
    return monotonicMs(super.now() + this.#looks++ * this.#lookMs)
  }

  override setTimeout(run: () => void, delayMs: number): unknown {
    if (delayMs === 0) this.onPause()
    return super.setTimeout(run, delayMs)
  }
}
