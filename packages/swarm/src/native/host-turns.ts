import { type Clock, Fifo } from '@swarmway/runtime'

/** Node and Bare have it; declared here because Node's types cannot be assumed. */
const { setImmediate } = globalThis as unknown as { setImmediate(callback: () => void): unknown }

/** Most pieces of work that wait, if they are of one host. Of several hosts, each has its share. */
const MAX_WAITING = 1024
/** Milliseconds of a turn of the event loop after which what waits is left to the next one. */
const TURN_MS = 4

/**
 * Work that strangers cause, a little in each turn of the event loop, and the hosts in turn. So who sends a thousand requests
 * at once makes others wait for a few of them.
 */
export class HostTurns {
  readonly #clock: Pick<Clock, 'now'>
  /** What waits. The host whose turn it is comes first. */
  readonly #waiting = new Map<string, Fifo<() => void>>()
  #isTaken = false

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /**
   * Does the work: at once if nothing was done in this turn of the loop, else when the host's turn comes. Resolves to null,
   * without having done it, if more of the host waits than its share. `work` rejects rather than throw.
   */
  take<T>(host: string, work: () => PromiseLike<T>): PromiseLike<T | null> | null {
    if (!this.#isTaken) {
      this.#endTurn()
      return work()
    }
    const line = this.#waiting.get(host) ?? new Fifo<() => void>()
    if (line.length >= MAX_WAITING / Math.max(this.#waiting.size, 1)) return null
    this.#waiting.set(host, line)
    return new Promise((resolve) => line.push(() => resolve(work())))
  }

  #endTurn(): void {
    this.#isTaken = true
    setImmediate(() => {
      this.#isTaken = false
      if (this.#waiting.size > 0) this.#takeTurn()
    })
  }

  #takeTurn(): void {
    this.#endTurn()
    const beganAt = this.#clock.now()
    do this.#next()
    while (this.#waiting.size > 0 && this.#clock.now() - beganAt < TURN_MS)
  }

  #next(): void {
    for (const [host, line] of this.#waiting) {
      this.#waiting.delete(host)
      line.shift()?.()
      if (line.length > 0) this.#waiting.set(host, line)
      return
    }
  }
}
