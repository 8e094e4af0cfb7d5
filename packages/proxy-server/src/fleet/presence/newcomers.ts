import { type Clock, RateLimit } from '@swarmway/proxy-protocol'

/** Servers that are asked in a second. */
const PER_SECOND = 5
const WAIT_MS = 100

/**
 * Asks servers that have come what they have, in the order in which they came. That names all topics of this server, so one that
 * comes and goes all the time, or under many names, must not have it asked each time.
 */
export class Newcomers {
  readonly #clock: Clock
  readonly #ask: (id: string) => void
  readonly #rate: RateLimit
  readonly #waiting = new Set<string>()
  #timer: unknown = null

  constructor(clock: Clock, ask: (id: string) => void) {
    this.#clock = clock
    this.#ask = ask
    this.#rate = new RateLimit(PER_SECOND, clock)
  }

  add(id: string): void {
    this.#waiting.add(id)
    this.#pump()
  }

  /** The server has left. */
  drop(id: string): void {
    this.#waiting.delete(id)
  }

  destroy(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#waiting.clear()
  }

  #pump(): void {
    for (const id of this.#waiting) {
      if (!this.#rate.take()) break
      this.#waiting.delete(id)
      this.#ask(id)
    }
    if (this.#waiting.size === 0) return
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = null
      this.#pump()
    }, WAIT_MS)
  }
}
