import type { Clock } from '@swarmway/proxy-protocol'
import type { Counters } from './counters.js'

/** The most that a client may have moved past us, for each second since its last report: more is not believed. */
const MAX_BYTES_PER_SECOND = 250_000_000
const MAX_CONNECTIONS_PER_SECOND = 10

/** What one client says about its direct paths. It may lie: a report counts for no more than it could be true. */
export class DirectReports {
  readonly #clock: Clock
  readonly #counters: Counters
  #sinceMs: number

  constructor(clock: Clock, counters: Counters) {
    this.#clock = clock
    this.#counters = counters
    this.#sinceMs = clock.now()
  }

  take({ bytes, connections }: { bytes: number; connections: number }): void {
    const nowMs = this.#clock.now()
    const seconds = (nowMs - this.#sinceMs) / 1000
    this.#sinceMs = nowMs
    this.#counters.directConnections += Math.min(connections, Math.floor(seconds * MAX_CONNECTIONS_PER_SECOND))
    this.#counters.directBytes += Math.min(bytes, Math.floor(seconds * MAX_BYTES_PER_SECOND))
  }
}
