import type { Clock } from '@swarmway/proxy-protocol'

/**
 * Milliseconds that a relay has until the DHT is searched for others, in steps: its answer may wait unread while our event
 * loop stands still, and that counts as one step at most.
 */
const STEP_MS = 100
const STEPS = 3

/**
 * Whether, and when, a dial that knows relays must search the DHT for others. A search is most of a dial's packets, and is
 * for nothing if the relay leads to the peer.
 */
export class HeadStart {
  /** Resolves with true when a relay has failed or is slow, with false when the peer has answered or the dial has ended. */
  readonly isSearchNeeded: Promise<boolean>
  readonly #clock: Clock
  #timer: unknown = null
  #isSettled = false
  #decide: (isNeeded: boolean) => void = () => {}

  constructor(clock: Clock, ended: AbortSignal) {
    this.#clock = clock
    this.isSearchNeeded = new Promise((resolve) => {
      this.#decide = resolve
    })
    ended.addEventListener('abort', () => this.settle(false), { once: true })
  }

  /** A request was sent to a relay. Only the first starts the time. */
  begin(): void {
    if (this.#timer === null && !this.#isSettled) this.#wait(STEPS)
  }

  /** Only the first decision counts. */
  settle(isNeeded: boolean): void {
    this.#isSettled = true
    this.#clock.clearTimeout(this.#timer)
    this.#decide(isNeeded)
  }

  #wait(steps: number): void {
    if (steps === 0) this.settle(true)
    else this.#timer = this.#clock.setTimeout(() => this.#wait(steps - 1), STEP_MS)
  }
}
