import type { ProxyError } from '@swarmway/proxy-protocol'
import type { Clock } from '@swarmway/runtime'

/** A report that is repeated comes this much later, so that a loop of calls costs little. */
const REPEAT_MS = 20

/** Tells the application why there is no link, and when the next attempt is made. */
export class Reports {
  readonly #clock: Clock
  readonly #report: (error: ProxyError, retryMs: number | null) => void
  #last: ProxyError | null = null
  #timer: unknown = null
  #isTelling = false

  constructor(clock: Clock, report: (error: ProxyError, retryMs: number | null) => void) {
    this.#clock = clock
    this.#report = report
  }

  tell(error: ProxyError, retryMs: number | null): void {
    this.stop()
    this.#last = error
    this.#isTelling = true
    this.#report(error, retryMs)
    this.#isTelling = false
  }

  /**
   * The application has asked for an attempt that has to wait: it is told until when. Not if it has just been told, and
   * asks from its listener.
   */
  repeat(leftMs: () => number | null): void {
    if (this.#isTelling || this.#timer !== null || leftMs() === null) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null
      const retryMs = leftMs()
      if (this.#last !== null && retryMs !== null) this.tell(this.#last, retryMs)
    }, REPEAT_MS)
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }
}
