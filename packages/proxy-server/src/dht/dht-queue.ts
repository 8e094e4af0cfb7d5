import type { Clock } from '@swarmway/proxy-protocol'
import { type Job, QueryScheduler } from '@swarmway/swarm/core'

/** The purpose of a query; see `QueryScheduler`. */
export type QueryPurpose = Parameters<QueryScheduler['schedule']>[0]

/**
 * Milliseconds after which a query that is still running gives up its slot. It is most likely waiting for signatures
 * from a client that does not answer, and must not hold up the others.
 */
const PLACE_MS = 3000

/** Limits the DHT queries of all clients together. */
export class DhtQueue {
  readonly #scheduler: QueryScheduler
  readonly #clock: Clock

  constructor(maxInFlight: number, clock: Clock) {
    this.#scheduler = new QueryScheduler(maxInFlight)
    this.#clock = clock
  }

  /** Number of slots in use. */
  get inFlight(): number {
    return this.#scheduler.inFlight
  }

  /** Number of queries that wait for a slot. */
  get queued(): number {
    return this.#scheduler.queued
  }

  /** Runs `task` when its turn comes. `done` settles as the task does, or resolves if the task was cancelled first. */
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
