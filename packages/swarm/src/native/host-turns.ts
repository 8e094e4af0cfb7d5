import { type Clock, Fifo } from '@swarmway/runtime'

/** Node and Bare have it; declared here because Node's types cannot be assumed. */
const { setImmediate } = globalThis as unknown as { setImmediate(callback: () => void): unknown }

/** Most pieces of work that wait, if they are of one host. Of several hosts, each has its share. */
const MAX_WAITING = 1024
/** Most hosts that have work waiting. Anybody can send packets with other hosts' addresses, so their number needs a bound. */
const MAX_HOSTS = 256
/** Milliseconds of a turn of the event loop after which what waits is left to the next one. */
const TURN_MS = 4

/**
 * Work that strangers cause, a little in each turn of the event loop, and the hosts in turn. A host that sends a
 * thousand requests at once makes others wait for a few of them.
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
   * without having done it, if too much waits, of the host or of all. `work` must reject, and not throw.
   */
  take<T>(host: string, work: () => PromiseLike<T>): PromiseLike<T | null> | null {
    if (!this.#isTaken) {
      this.#endTurn()
      return work()
    }
    const line = this.#waiting.get(host) ?? new Fifo<() => void>()
    const { size } = this.#waiting
    if (line.length >= MAX_WAITING / Math.max(size, 1) || (line.length === 0 && size >= MAX_HOSTS)) return null
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
