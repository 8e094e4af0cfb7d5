import type { Clock } from '@swarmway/proxy-protocol'
import { NetworkPace } from './network-pace.js'

/** Refusals of one network that are answered at once: per second, and after a pause. */
const AT_ONCE_PER_SECOND = 50
/** Milliseconds that others wait for their answer. */
const DELAY_MS = 1000

/** Something that is refused. */
export interface Refused {
  /** Answers it. */
  answer(): void
  /** Ends it without an answer. */
  drop(): void
}

/**
 * Refuses strangers: at once, unless many of their network are refused. Those wait for the answer, because programs that
 * come back as soon as they are refused would otherwise take all of this process's time.
 */
export class Refusals {
  readonly #max: number
  readonly #clock: Clock
  readonly #pace: NetworkPace
  readonly #waiting = new Map<Refused, unknown>()

  /** At most `max` wait; more are dropped. */
  constructor(max: number, clock: Clock) {
    this.#max = max
    this.#clock = clock
    this.#pace = new NetworkPace(AT_ONCE_PER_SECOND, clock)
  }

  /** Number of those that wait. */
  get size(): number {
    return this.#waiting.size
  }

  add(network: string, refused: Refused): void {
    if (this.#pace.mayBegin(network)) {
      this.#pace.count(network)
      refused.answer()
    } else if (this.#waiting.size >= this.#max) refused.drop()
    else
      this.#waiting.set(
        refused,
        this.#clock.setTimeout(() => this.#end(refused), DELAY_MS)
      )
  }

  /** Answers all that wait. */
  destroy(): void {
    for (const refused of [...this.#waiting.keys()]) this.#end(refused)
  }

  #end(refused: Refused): void {
    this.#clock.clearTimeout(this.#waiting.get(refused))
    this.#waiting.delete(refused)
    refused.answer()
  }
}
