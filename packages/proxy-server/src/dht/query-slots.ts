import type { Client } from '../client/client.js'
import { cancelled } from '../errors.js'

/**
 * Queries of one client in the server-wide queue at once. The rest waits here, so that a client that wants much stands
 * in nobody's way.
 */
const MAX_TURNS = 4

/** Counts, and lines up, what one client has under way in the DHT. */
export class QuerySlots {
  readonly #client: Client
  readonly #waiting: (() => void)[] = []
  #used = 0
  #turns = 0

  constructor(client: Client) {
    this.#client = client
  }

  /** Queries and record requests in progress, waiting ones included. */
  get used(): number {
    return this.#used
  }

  /** Runs a task in a slot of its own. Rejects with `LIMIT` if there is none. */
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

  /** Within a slot: does the DHT's part of a task when it is its turn. Rejects with `ABORTED` if it comes too late. */
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

  /** Whoever waits longest has the turn now; it is counted already. */
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
