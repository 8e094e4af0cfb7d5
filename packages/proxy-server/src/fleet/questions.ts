import type { Clock } from '@swarmway/proxy-protocol'
import type { Owner } from '../fairness/fair-queue.js'
import { Places } from '../fairness/places.js'

/** Milliseconds that a dial waits to hear at which server a key is. */
const ANSWER_MS = 1000
/** Keys that are asked about at once. */
const MAX_QUESTIONS = 32

/**
 * Asks the other servers at which of them a key is. A client can dial any number of keys that nobody has, and each
 * question costs every server a message: so a bounded number is asked at once, in turn by network, then by client.
 */
export class Questions {
  readonly #clock: Clock
  readonly #places = new Places(MAX_QUESTIONS)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Resolves when `watch`, which is called when it is the client's turn, calls back, or after a second. What `watch`
   * returns ends it. Rejects with `ABORTED` if `signal` fires before the client's turn.
   */
  async ask(owner: Owner, signal: AbortSignal, watch: (onTold: () => void) => () => void): Promise<void> {
    const place = await this.#places.take(owner, signal, 'the dial')
    try {
      if (!signal.aborted) await this.#untilTold(signal, watch)
    } finally {
      this.#places.release(place)
    }
  }

  async #untilTold(signal: AbortSignal, watch: (onTold: () => void) => () => void): Promise<void> {
    let done = (): void => {}
    const told = new Promise<void>((resolve) => {
      done = resolve
    })
    const timer = this.#clock.setTimeout(done, ANSWER_MS)
    signal.addEventListener('abort', done, { once: true })
    const unwatch = watch(done)
    await told
    unwatch()
    this.#clock.clearTimeout(timer)
    signal.removeEventListener('abort', done)
  }
}
