import type { Clock } from '@swarmway/proxy-protocol'
import { NetworkPace } from './network-pace.js'
import { NetworkPlaces } from './network-places.js'

/** Refusals of one network that are answered at once: per second, and after a pause. */
const AT_ONCE_PER_SECOND = 50
/** Milliseconds that others wait for their answer. */
const DELAY_MS = 1000

/** A stranger who gets an answer, and no link. */
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
  readonly #timers = new Map<Refused, unknown>()
  readonly #waiting = new NetworkPlaces<Refused>()
  #isDestroyed = false

  /** At most `max` wait. Beyond, one of the network with the most is dropped. */
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
    if (this.#isDestroyed) refused.answer()
    else if (this.#pace.mayBegin(network)) {
      this.#pace.count(network)
      refused.answer()
    } else if (this.#waiting.size < this.#max || this.#makeRoom(network)) this.#delay(network, refused)
    else refused.drop()
  }

  /** Answers all that wait, and from now on everything at once. */
  destroy(): void {
    this.#isDestroyed = true
    for (const refused of [...this.#timers.keys()]) if (this.#forget(refused)) refused.answer()
  }

  #delay(network: string, refused: Refused): void {
    this.#waiting.set(refused, network)
    const onTime = () => this.#forget(refused) && refused.answer()
    this.#timers.set(refused, this.#clock.setTimeout(onTime, DELAY_MS))
  }

  /** Drops the longest waiting one of the network with the most, if that is not this one. */
  #makeRoom(network: string): boolean {
    const [largest] = this.#waiting.largestFirst()
    const [oldest] = largest?.holders ?? []
    if (oldest === undefined || largest?.network === network) return false
    this.#forget(oldest)
    oldest.drop()
    return true
  }

  #forget(refused: Refused): boolean {
    this.#clock.clearTimeout(this.#timers.get(refused))
    this.#waiting.delete(refused)
    return this.#timers.delete(refused)
  }
}
