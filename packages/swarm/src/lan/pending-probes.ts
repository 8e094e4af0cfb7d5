import type { Clock } from '@swarmway/runtime'
import b4a from 'b4a'
import type { LanTopic } from './lan-topic.js'

/** Milliseconds within which a probe can be answered. */
const ANSWER_MS = 10_000
/** Most probes awaiting answers: half a minute's worth at the rate at which we send. */
const MAX_PENDING = 256

/** A probe of ours, with what its answers refer to. */
export interface PendingProbe {
  readonly period: number
  readonly salt: Uint8Array
  /** In the order of the probe's tokens. */
  readonly topics: readonly LanTopic[]
}

/** The probes that we have sent recently. */
export class PendingProbes {
  readonly #clock: Clock
  readonly #bySalt = new Map<string, PendingProbe & { endsMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(probe: PendingProbe): void {
    this.#forgetOld()
    this.#bySalt.set(b4a.toString(probe.salt, 'hex'), { ...probe, endsMs: this.#clock.now() + ANSWER_MS })
  }

  /** The probe with this salt, if it is ours and still accepts answers. */
  get(salt: Uint8Array): PendingProbe | null {
    const probe = this.#bySalt.get(b4a.toString(salt, 'hex'))
    return probe !== undefined && probe.endsMs > this.#clock.now() ? probe : null
  }

  clear(): void {
    this.#bySalt.clear()
  }

  #forgetOld(): void {
    for (const [salt, { endsMs }] of this.#bySalt) {
      if (endsMs > this.#clock.now() && this.#bySalt.size < MAX_PENDING) return
      this.#bySalt.delete(salt)
    }
  }
}
