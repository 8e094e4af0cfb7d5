import { performance } from 'node:perf_hooks'

/** The part of the time from which on the event loop counts as busy. */
const BUSY_SHARE = 0.3
const MAX_STRAIN = 4
/** What is left of it after half a second in which the loop was not busy. It rises at once, because everybody waits. */
const FALL = 0.8

/**
 * How much less all networks together may begin while the event loop is busy: what somebody with many addresses has the server
 * do must leave time for the others, however slow the machine is.
 */
export class Strain {
  readonly #busyShare: () => number
  #value = 1

  /** `busyShare` returns the part of the time since the last call in which the event loop had something to do. */
  constructor(busyShare: () => number = loopBusyShare()) {
    this.#busyShare = busyShare
  }

  /** What begins counts as this many: 1 while the event loop has time, and 4 at most. */
  get value(): number {
    return this.#value
  }

  /** Call it every half second. */
  measure(): void {
    this.#value = this.#busyShare() > BUSY_SHARE ? MAX_STRAIN : Math.max(1, FALL * this.#value)
  }
}

/** Always 0 on runtimes that do not measure it. */
function loopBusyShare(): () => number {
  let before = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    return utilization
  }
}
