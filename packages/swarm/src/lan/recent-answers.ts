import type { Clock, MonotonicMs } from '@swarmway/runtime'
import type { Address } from '../network/dht-node.js'
import { topicHex } from '../util/topic.js'

/** Milliseconds for which an answer counts as heard: hosts repeat their probes because multicasts get lost. */
const HOLD_MS = 1500
/** Most answers remembered, which bounds what forged senders can make us remember. */
const MAX_ANSWERS = 4096

/**
 * The answers given a moment ago, so that the repeated probes of many hosts that join together do not each draw an
 * answer from all of them.
 */
export class RecentAnswers {
  readonly #clock: Clock
  /** The oldest first. */
  readonly #answeredAt = new Map<string, MonotonicMs>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether `to` should get an answer for `topic` now, which is then remembered. */
  add(to: Address, topic: Uint8Array): boolean {
    if (this.has(to, topic)) return false
    this.#answeredAt.set(keyOf(to, topic), this.#clock.now())
    return true
  }

  /** Whether `to` had an answer for `topic` a moment ago. */
  has(to: Address, topic: Uint8Array): boolean {
    this.#forgetOld(this.#clock.now())
    return this.#answeredAt.has(keyOf(to, topic))
  }

  #forgetOld(nowMs: MonotonicMs): void {
    for (const [key, answeredAt] of this.#answeredAt) {
      if (nowMs - answeredAt < HOLD_MS && this.#answeredAt.size < MAX_ANSWERS) return
      this.#answeredAt.delete(key)
    }
  }
}

function keyOf({ host, port }: Address, topic: Uint8Array): string {
  return `${host}:${port} ${topicHex(topic)}`
}
