import type { Clock } from '@swarmway/proxy-protocol'
import { type Job, QueryScheduler } from '@swarmway/swarm/core'

/** What a query is for; see `QueryScheduler`. */
export type QueryPurpose = Parameters<QueryScheduler['schedule']>[0]

/**
 * Milliseconds after which a query that still runs gives its place away. It most likely waits for signatures of a
 * client that does not answer, and must not keep the others waiting as well.
 */
const PLACE_MS = 3000

/** Bounds what is under way in the DHT for all clients together. */
export class DhtQueue {
  readonly #scheduler: QueryScheduler
  readonly #clock: Clock

  constructor(maxInFlight: number, clock: Clock) {
    this.#scheduler = new QueryScheduler(maxInFlight)
    this.#clock = clock
  }

  /** Places taken. */
  get inFlight(): number {
    return this.#scheduler.inFlight
  }

  /** Queries that wait for a place. */
  get queued(): number {
    return this.#scheduler.queued
  }

  /** Runs `task` when its turn comes. `done` settles as the task does, or resolves if it was cancelled before. */
  schedule(purpose: QueryPurpose, task: () => Promise<void>): Job {
    let running: Promise<void> = Promise.resolve()
    const job = this.#scheduler.schedule(purpose, () => {
      running = task()
      return this.#atMost(PLACE_MS, running)
    })
    return { done: job.done.then(() => running), cancel: () => job.cancel() }
  }

  #atMost(ms: number, task: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(resolve, ms)
      const finish = (): void => this.#clock.clearTimeout(timer)
      task.then(resolve, reject).finally(finish)
    })
  }
}
