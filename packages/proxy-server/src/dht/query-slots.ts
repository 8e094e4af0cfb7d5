import type { Client } from '../client/client.js'

/** Counts one client's work in the DHT. */
export class QuerySlots {
  readonly #client: Client
  #used = 0

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
}
