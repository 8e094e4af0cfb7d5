import type { Clock } from '@swarmway/runtime'
import b4a from 'b4a'
import type { LanTopic } from './lan-topic.js'

/** Milliseconds in which a knock can be answered. */
const ANSWER_MS = 10_000
/** Most knocks that answers are awaited for: at the rate at which we send, those of half a minute. */
const MAX_PENDING = 256

/** A knock of ours, by what its answers refer to. */
export interface PendingKnock {
  readonly period: number
  readonly salt: Uint8Array
  /** In the order of the knock's tokens. */
  readonly topics: readonly LanTopic[]
}

/** The knocks that we have sent lately. */
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

  /** The knock with this salt, if it is ours and answers still count. */
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
