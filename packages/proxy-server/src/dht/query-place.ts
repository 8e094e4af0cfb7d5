import type { Clock } from '@swarmway/proxy-protocol'
import { createAbort } from '../client/abort.js'
import type { Owner } from '../fairness/fair-queue.js'
import type { Applicant, Places } from '../fairness/places.js'

/**
 * Milliseconds after which a query that is still running gives up its place. It is most likely waiting for nodes that do
 * not answer, which takes few requests, and must not hold up the others.
 */
const PLACE_MS = 3000

/** Before anything new of the same client: the tokens of a query that waited for signatures are soon too old. */
const RESUMED_RANK = 0

/** A query's place among those that run. The query gives it back while it waits for its client. */
export class QueryPlace implements Applicant {
  readonly isSecondary: boolean
  readonly owner: Owner
  rank: number
  readonly #places: Places
  readonly #clock: Clock
  readonly #over = createAbort()
  /** Those who wait until the query has its place, or is over. */
  readonly #onPlace: (() => void)[] = []
  #isHeld = false
  #timer: unknown = null
  #pauses = 0

  constructor(places: Places, owner: Owner, purpose: { rank: number; isSecondary: boolean }, clock: Clock) {
    this.#places = places
    this.owner = owner
    this.rank = purpose.rank
    this.isSecondary = purpose.isSecondary
    this.#clock = clock
  }

  get isResumed(): boolean {
    return this.rank === RESUMED_RANK
  }

  /** Fires when the query has ended or was cancelled. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** Whether the query has ended or was cancelled. */
  get isOver(): boolean {
    return this.signal.aborted
  }

  /** Resolves to true with the place, or to false if the query was cancelled before. */
  async take(): Promise<boolean> {
    await this.#untilHeld()
    return !this.isOver
  }

  /** From the places. */
  begin(): void {
    this.#isHeld = true
    this.#timer = this.#clock.setTimeout(() => this.#giveBack(), PLACE_MS)
    this.#notify()
  }

  /**
   * Gives the place back while `task` waits for the client. Once all such tasks of the query have ended, takes a place
   * again, at the front of the client's line, and then settles as the task does.
   */
  async pause<T>(task: () => Promise<T>): Promise<T> {
    this.#pauses++
    this.#places.leave(this)
    this.#giveBack()
    try {
      return await task()
    } finally {
      this.#pauses--
      this.rank = RESUMED_RANK
      await this.#untilHeld()
    }
  }

  /** Another client waits for the query too, and its turn will do. */
  share(owner: Owner): void {
    if (this.#places.isWaiting(this)) this.#places.enter(this, owner)
  }

  /** A client does not wait for the query any more. */
  unshare(owner: Owner): void {
    this.#places.leave(this, owner)
  }

  /** Takes the query out of the queue. It has to end on its own if it is running. */
  cancel(): void {
    this.#over.abort()
    this.#places.leave(this)
    this.#notify()
  }

  /** The query has ended. */
  end(): void {
    this.cancel()
    this.#giveBack()
  }

  #untilHeld(): Promise<void> {
    return new Promise((resolve) => {
      this.#onPlace.push(resolve)
      if (this.#isHeld || this.isOver) this.#notify()
      else if (this.#pauses === 0) this.#places.enter(this, this.owner)
    })
  }

  #notify(): void {
    for (const resolve of this.#onPlace.splice(0)) resolve()
  }

  #giveBack(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#clock.clearTimeout(this.#timer)
    this.#places.release(this)
  }
}
