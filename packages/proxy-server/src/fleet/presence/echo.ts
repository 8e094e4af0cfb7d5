import type { Clock, MonotonicMs } from '@swarmway/proxy-protocol'

/** Leases without a message of its own after which a server hears nobody else either. */
const LEASES = 2

/**
 * Whether this server hears itself through the broker. A broker that answers, but may not pass on what this server says, or
 * passes on nothing, looks like an empty fleet otherwise.
 */
export class Echo {
  /** Whether it has not been heard for so long. */
  isMissing = false
  readonly #clock: Clock
  readonly #afterMs: number
  readonly #onChange: () => void
  #heardMs: MonotonicMs
  #isLate = false

  constructor(clock: Clock, leaseMs: number, onChange: () => void) {
    this.#clock = clock
    this.#afterMs = LEASES * leaseMs
    this.#onChange = onChange
    this.#heardMs = clock.now()
  }

  /** The broker answers after an outage. */
  renew(): void {
    this.#heardMs = this.#clock.now()
    this.#isLate = this.isMissing = false
  }

  /** Its own message has come back. */
  heard(): void {
    const wasMissing = this.isMissing
    this.renew()
    if (wasMissing) this.#onChange()
  }

  /** Decides, on the second look: what the broker has delivered meanwhile may still wait to be read. */
  look(): void {
    const isLate = this.#clock.now() - this.#heardMs >= this.#afterMs
    if (isLate && this.#isLate && !this.isMissing) {
      this.isMissing = true
      this.#onChange()
    }
    this.#isLate = isLate
  }
}
