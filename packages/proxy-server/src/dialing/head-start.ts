import type { Clock } from '@swarmway/proxy-protocol'
import { createAbort } from '../client/abort.js'
import { connectionFailed } from '../errors.js'

/**
 * Milliseconds that a relay has until the DHT is searched for others, in steps: its answer may wait unread while our event
 * loop stands still, and that counts as one step at most.
 */
const STEP_MS = 100
const STEPS = 3
/** The steps that relays still have when no node of the DHT knows the peer. */
const LAST_STEPS = 5

/**
 * Whether, and when, a dial that knows relays must search the DHT for others. A search is most of a dial's packets, and is
 * for nothing if the relay leads to the peer. And how long relays are waited for when the search has found nothing: anyone
 * can announce keys with relays that never answer, and each took four seconds to find out.
 */
export class HeadStart {
  /** Resolves with true when a relay has failed or is slow, with false when the peer has answered or the dial has ended. */
  readonly isSearchNeeded: Promise<boolean>
  readonly #clock: Clock
  /** Fires when the dial has ended, or its relays have had their time after a search that found nothing. */
  readonly #over = createAbort()
  #timer: unknown = null
  #isSettled = false
  /** Whether the peer has answered, or the dial has ended. */
  #isOver = false
  #decide: (isNeeded: boolean) => void = () => {}

  constructor(clock: Clock, ended: AbortSignal) {
    this.#clock = clock
    this.isSearchNeeded = new Promise((resolve) => {
      this.#decide = resolve
    })
    ended.addEventListener('abort', () => this.#end(ended.reason), { once: true })
  }

  /** Until it fires, relays are waited for. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** A request was sent to a relay. Only the first starts the time. */
  begin(): void {
    if (this.#timer === null && !this.#isSettled) this.#wait(STEPS, () => this.settle(true))
  }

  /** Nodes have answered the search, and none knows the peer. */
  onUnknown(): void {
    if (!this.#isOver) this.#wait(LAST_STEPS, () => this.#end(connectionFailed('nobody knows the peer')))
  }

  /** Only the first decision counts. */
  settle(isNeeded: boolean): void {
    if (isNeeded && this.#isSettled) return
    this.#isSettled = true
    this.#isOver ||= !isNeeded
    this.#clock.clearTimeout(this.#timer)
    this.#decide(isNeeded)
  }

  #end(reason: unknown): void {
    this.settle(false)
    this.#over.abort(reason)
  }

  #wait(steps: number, then: () => void): void {
    if (steps === 0) then()
    else this.#timer = this.#clock.setTimeout(() => this.#wait(steps - 1, then), STEP_MS)
  }
}
