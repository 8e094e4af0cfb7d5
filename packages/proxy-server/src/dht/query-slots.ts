import type { Client } from '../client/client.js'
import { cancelled } from '../errors.js'

/**
 * Queries of one client in the server-wide queue at once. The rest wait here, so that a busy client does not block
 * the others.
 */
const MAX_TURNS = 4

/** Counts and queues one client's work in the DHT. */
export class QuerySlots {
  readonly #client: Client
  readonly #waiting: (() => void)[] = []
  #used = 0
  #turns = 0

  constructor(client: Client) {
    this.#client = client
  }

  /** Number of queries and record requests in progress, waiting ones included. */
  get used(): number {
    return this.#used
  }

  /** Runs a task in its own slot. Rejects with `LIMIT` if no slot is free. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    const { maxQueries } = this.#client.limits
    if (this.#used >= maxQueries) throw this.#client.atLimit('maxQueries', 'queries in progress')
    this.#used++
    try {
      return await task()
    } finally {
      this.#used--
    }
  }

  /**
   * Within a slot, runs the DHT part of a task when its turn comes. Rejects with `ABORTED` if the turn comes too
   * late.
   */
  async turn<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    if (this.#turns < MAX_TURNS) this.#turns++
    else if (!(await this.#wait(signal))) throw cancelled('the query')
    try {
      if (signal.aborted) throw cancelled('the query')
      return await task()
    } finally {
      this.#passOn()
    }
  }

  /** Gives the turn to the task that has waited longest; it is already counted. */
  #passOn(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#turns--
    else next()
  }

  /** Resolves to true with a turn, to false without one when the signal fires. */
  #wait(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const begin = (): void => {
        signal.removeEventListener('abort', leave)
        resolve(true)
      }
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1)
        resolve(false)
      }
      this.#waiting.push(begin)
      signal.addEventListener('abort', leave, { once: true })
    })
  }
}
