import type { Clock } from '@swarmway/runtime'
import b4a from 'b4a'
import type { LanTopic } from './lan-topic.js'

/** Milliseconds within which a knock can be answered. */
const ANSWER_MS = 10_000
/** Most knocks awaiting answers: half a minute's worth at the rate at which we send. */
const MAX_PENDING = 256

/** A knock of ours, with what its answers refer to. */
export interface PendingKnock {
  readonly period: number
  readonly salt: Uint8Array
  /** In the order of the knock's tokens. */
  readonly topics: readonly LanTopic[]
}

/** The knocks that we have sent recently. */
export class PendingKnocks {
  readonly #clock: Clock
  readonly #bySalt = new Map<string, PendingKnock & { endsMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(knock: PendingKnock): void {
    this.#forgetOld()
    this.#bySalt.set(b4a.toString(knock.salt, 'hex'), { ...knock, endsMs: this.#clock.now() + ANSWER_MS })
  }

  /** The knock with this salt, if it is ours and still accepts answers. */
  get(salt: Uint8Array): PendingKnock | null {
    const knock = this.#bySalt.get(b4a.toString(salt, 'hex'))
    return knock !== undefined && knock.endsMs > this.#clock.now() ? knock : null
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
