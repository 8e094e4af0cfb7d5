import { cancelled } from '../errors.js'
import { FairQueue, type Owner } from './fair-queue.js'
import type { NetworkPace } from './network-pace.js'

/** Something that waits for a place, or has one. */
export interface Applicant {
  /** What has a lower rank comes before what else its client waits for. Default: 0. */
  readonly rank?: number
  /** It may take only half of the places. Default: false. */
  readonly isSecondary?: boolean
  /** It has had a place before, so that it does not begin. Default: false. */
  readonly isResumed?: boolean
  /** It has a place from now on, until `release`. Must not throw. */
  begin(): void
}

/** Largest share of the places for what is secondary. */
const SECONDARY_SHARE = 0.5

/** A number of places, given out in turn by network, then by client. */
export class Places {
  readonly #max: number
  readonly #queue: FairQueue<Applicant>
  readonly #waiting = new Map<Applicant, Set<Owner>>()
  readonly #pace: NetworkPace | null
  #used = 0
  #secondary = 0
  /** Whether places are free, and the rates of the networks hold back all that wait. */
  #isHeld = false

  /** Without `pace`, a network gets as many as are free. */
  constructor(max: number, pace: NetworkPace | null = null) {
    this.#max = max
    this.#queue = new FairQueue({
      servedAtOnce: max,
      pace,
      isPaced: ({ isResumed = false }) => !isResumed,
      kindOf: ({ isSecondary = false }) => isSecondary
    })
    this.#pace = pace
  }

  /** Number of places in use. */
  get used(): number {
    return this.#used
  }

  /** Number of applicants that wait for a place. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Begins the applicant when it is the turn of any of the clients that have entered it. */
  enter(applicant: Applicant, owner: Owner): void {
    const owners = this.#waiting.get(applicant) ?? new Set()
    if (owners.has(owner)) return
    owners.add(owner)
    this.#waiting.set(applicant, owners)
    this.#queue.push(owner, applicant, applicant.rank)
    const { isResumed = false } = applicant
    if (!this.#isHeld || isResumed || this.#pace?.mayBegin(owner.network) !== false) this.#fill()
  }

  /**
   * Resolves to an applicant that has a place, when it is the client's turn; rejects with `ABORTED`, of `what`, if
   * `signal` fires before. `onWait` is called if no place is free.
   */
  take(owner: Owner, signal: AbortSignal, what: string, onWait?: () => void): Promise<Applicant> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.leave(applicant)
        reject(cancelled(what))
      }
      const applicant = {
        begin: () => {
          signal.removeEventListener('abort', leave)
          resolve(applicant)
        }
      }
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      this.enter(applicant, owner)
      if (this.isWaiting(applicant)) onWait?.()
    })
  }

  /** Takes the applicant out of one client's line, or of every line. */
  leave(applicant: Applicant, owner?: Owner): void {
    const owners = this.#waiting.get(applicant) ?? new Set()
    for (const one of owner === undefined ? [...owners] : [owner])
      if (owners.delete(one)) this.#queue.delete(one, applicant)
    if (owners.size === 0) this.#waiting.delete(applicant)
  }

  /** Whether the applicant waits for a place. */
  isWaiting(applicant: Applicant): boolean {
    return this.#waiting.has(applicant)
  }

  /** Returns the applicant's place. */
  release({ isSecondary = false }: Applicant): void {
    this.#used--
    if (isSecondary) this.#secondary--
    if (!this.#isHeld || isSecondary) this.#fill()
  }

  /** See `FairQueue`. */
  isAhead(owner: Owner): boolean {
    return this.#queue.isAhead(owner)
  }

  /** Says how long the client has kept a place, if that is to count; see `FairQueue`. */
  rate(owner: Owner, wasLong: boolean): void {
    if (wasLong) this.#queue.demote(owner)
    else this.#queue.refund(owner)
  }

  /** Looks at all that wait, so it is not called while nothing can have changed for them. */
  #fill(): void {
    this.#isHeld = false
    while (this.#used < this.#max) {
      const next = this.#queue.shift(({ isSecondary = false }) => !isSecondary || this.#hasRoomForSecondary)
      if (next === undefined) {
        this.#isHeld = this.#pace?.isAwaited === true
        break
      }
      this.leave(next)
      this.#used++
      if (next.isSecondary === true) this.#secondary++
      next.begin()
    }
    this.#pace?.onNext(() => {
      this.#queue.retryHeld()
      this.#fill()
    })
  }

  get #hasRoomForSecondary(): boolean {
    return this.#secondary < Math.max(1, Math.floor(this.#max * SECONDARY_SHARE))
  }
}
