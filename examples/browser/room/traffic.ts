/** Bytes in each direction: in total, or per second. */
export interface Traffic {
  readonly inBytes: number
  readonly outBytes: number
}

const NO_TRAFFIC: Traffic = { inBytes: 0, outBytes: 0 }

/** Below this, there are only keep-alives. */
const QUIET_BYTES_PER_SECOND = 100
/** Weight of the newest measurement in the smoothed figure, which would otherwise flicker. */
const WEIGHT = 0.5

/** Turns counters into bytes per second. */
export class TrafficMeter {
  /** Bytes per second, smoothed. */
  rate: Traffic = NO_TRAFFIC
  #last: Traffic
  #lastMs: number

  constructor(counted: Traffic, nowMs: number) {
    this.#last = counted
    this.#lastMs = nowMs
  }

  /** Updates the figures from the current counters. */
  measure(counted: Traffic, nowMs: number): void {
    const seconds = (nowMs - this.#lastMs) / 1000
    if (seconds <= 0) return
    const { rate } = this
    this.rate = {
      inBytes: smooth(rate.inBytes, (counted.inBytes - this.#last.inBytes) / seconds),
      outBytes: smooth(rate.outBytes, (counted.outBytes - this.#last.outBytes) / seconds)
    }
    this.#last = counted
    this.#lastMs = nowMs
  }
}

function smooth(before: number, now: number): number {
  const mean = before * (1 - WEIGHT) + now * WEIGHT
  return mean < QUIET_BYTES_PER_SECOND ? 0 : mean
}
