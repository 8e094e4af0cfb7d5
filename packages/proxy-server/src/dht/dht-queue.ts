import type { Clock } from '@swarmway/proxy-protocol'
import { type Job, QueryScheduler } from '@swarmway/swarm/core'
import type { Load } from '../fairness/load.js'

/** The purpose of a query; see `QueryScheduler`. */
export type QueryPurpose = Parameters<QueryScheduler['schedule']>[0]

/**
 * Milliseconds after which a query that is still running gives up its slot. It is most likely waiting for signatures
 * from a client that does not answer, and must not hold up the others.
 */
const PLACE_MS = 3000

const NEVER_HIGH = { relief: async () => {} }

/** Limits the DHT queries of all clients together. */
export class DhtQueue {
  readonly #scheduler: QueryScheduler
  readonly #clock: Clock
  readonly #load: Pick<Load, 'relief'>

  constructor(maxInFlight: number, clock: Clock, load: Pick<Load, 'relief'> = NEVER_HIGH) {
    this.#scheduler = new QueryScheduler(maxInFlight)
    this.#clock = clock
    this.#load = load
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
    let isCancelled = false
    const job = this.#scheduler.schedule(purpose, () => {
      running = this.#load.relief().then(() => (isCancelled ? undefined : task()))
      return this.#atMost(PLACE_MS, running)
    })
    const cancel = () => {
      isCancelled = true
      job.cancel()
    }
    return { done: job.done.then(() => running), cancel }
  }

  #atMost(ms: number, task: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(resolve, ms)
      const finish = (): void => this.#clock.clearTimeout(timer)
      task.then(resolve, reject).finally(finish)
    })
  }
}
