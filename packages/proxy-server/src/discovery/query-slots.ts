import { limitReached } from '@swarmway/proxy-protocol'
import type { Client } from '../client.js'

/** Counts what a client has under way in the DHT. */
export class QuerySlots {
  readonly #client: Client
  #used = 0

  constructor(client: Client) {
    this.#client = client
  }

  /** Queries and record requests in progress. */
  get used(): number {
    return this.#used
  }

  /** Runs a task in a slot of its own. Rejects with `LIMIT` if there is none. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    const { maxQueries } = this.#client.limits
    if (this.#used >= maxQueries) throw limitReached('queries in progress', maxQueries)
    this.#used++
    try {
      return await task()
    } finally {
      this.#used--
    }
  }
}
