import type { Clock, MonotonicMs } from '@swarmway/proxy-protocol'

/** Leases without a message of its own after which a server hears nobody else either. */
const LEASES = 2
/** Looks in a lease, at least: of a longer time between two, the rest is one in which this process stood still. */
const LOOKS_PER_LEASE = 3

/**
 * Whether this server hears itself through the broker. A broker that answers, but may not pass on what this server says, or
 * passes on nothing, looks like an empty fleet otherwise.
 */
export class Echo {
  /** Whether it has not been heard for so long. */
  isMissing = false
  readonly #clock: Clock
  readonly #leaseMs: number
  readonly #onChange: () => void
  #lookedMs: MonotonicMs
  /** Time since it was last heard in which this process ran. */
  #silentMs = 0

  constructor(clock: Clock, leaseMs: number, onChange: () => void) {
    this.#clock = clock
    this.#leaseMs = leaseMs
    this.#onChange = onChange
    this.#lookedMs = clock.now()
  }

  /** The broker answers after an outage. */
  renew(): void {
    this.#lookedMs = this.#clock.now()
    this.#silentMs = 0
    this.isMissing = false
  }

  /** Its own message has come back. */
  heard(): void {
    const wasMissing = this.isMissing
    this.renew()
    if (wasMissing) this.#onChange()
  }

  /** To be called several times in a lease. What waits to be read after a stall has time until the next looks. */
  look(): void {
    const nowMs = this.#clock.now()
    this.#silentMs += Math.min(nowMs - this.#lookedMs, this.#leaseMs / LOOKS_PER_LEASE)
    this.#lookedMs = nowMs
    if (this.isMissing || this.#silentMs < LEASES * this.#leaseMs) return
    this.isMissing = true
    this.#onChange()
  }
}
