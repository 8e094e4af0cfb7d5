import type { Clock } from '@swarmway/proxy-protocol'
import type { Owner } from '../fairness/fair-queue.js'
import type { Load } from '../fairness/load.js'
import { NetworkPace } from '../fairness/network-pace.js'
import { Places } from '../fairness/places.js'
import { QueryPlace } from './query-place.js'

/**
 * The purpose of a query. Of one client's queries, those that somebody waits for come first. Nobody waits for a refresh,
 * and to store a record takes twice as many requests at once as a lookup: those may take only half of the places.
 */
export type QueryPurpose = keyof typeof PURPOSES

const PURPOSES = {
  join: { rank: 1, isSecondary: false },
  store: { rank: 1, isSecondary: true },
  leave: { rank: 2, isSecondary: false },
  refresh: { rank: 3, isSecondary: true }
}

/** A query that waits for its turn, runs, or has ended. */
export interface QueryJob {
  /** Settles as the task does; resolves if the query was cancelled while it waited. */
  readonly done: Promise<void>
  /** See `QueryPlace`. */
  readonly place: Pick<QueryPlace, 'share' | 'unshare' | 'cancel'>
}

/** Options of a queue. */
export interface DhtQueueOptions {
  readonly clock: Clock
  readonly maxInFlight: number
  /** Queries of one network that may begin in a second. Default: any number. */
  readonly perSecond?: number
  /** Default: none. */
  readonly load?: Pick<Load, 'relief' | 'strain'>
}

const NEVER_HIGH = { relief: async () => {}, strain: 1 }

/** Limits the DHT queries of all clients together, and gives them their turns by network, then by client. */
export class DhtQueue {
  readonly #places: Places
  readonly #clock: Clock
  readonly #load: Pick<Load, 'relief'>

  constructor({ clock, load = NEVER_HIGH, maxInFlight, perSecond }: DhtQueueOptions) {
    this.#places = new Places(maxInFlight, perSecond === undefined ? null : createPace(perSecond, clock, load))
    this.#clock = clock
    this.#load = load
  }

  /** Number of queries that are running. */
  get inFlight(): number {
    return this.#places.used
  }

  /** Number of queries that wait for their turn. */
  get queued(): number {
    return this.#places.waiting
  }

  /** Runs `task` when it is the client's turn. The task gives its place back while it waits for the client. */
  schedule(owner: Owner, purpose: QueryPurpose, task: (place: QueryPlace) => Promise<void>): QueryJob {
    const place = new QueryPlace(this.#places, owner, PURPOSES[purpose], this.#clock)
    return { done: this.#run(place, task), place }
  }

  async #run(place: QueryPlace, task: (place: QueryPlace) => Promise<void>): Promise<void> {
    if (!(await place.take())) return
    try {
      await this.#load.relief(place.owner, place.signal)
      if (!place.isOver) await task(place)
    } finally {
      place.end()
    }
  }
}

/** Joining takes several queries, so that a network which has been quiet does not wait for the rate of all networks. */
function createPace(perSecond: number, clock: Clock, load: Pick<Load, 'strain'>): NetworkPace {
  return new NetworkPace(perSecond, clock, { ownAtOnce: perSecond, strain: () => load.strain })
}
