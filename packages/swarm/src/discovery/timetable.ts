import type { Clock } from '@swarmway/runtime'
import { Cadence, type NextStep } from './cadence.js'

/** What a timetable depends on. */
export interface TimetableContext {
  readonly clock: Clock
  readonly random: () => number
  /** Whether a re-lookup would be of use now. */
  wantsPeers(): boolean
  /** The next query is due. */
  onDue(kind: NextStep['kind']): void
}

/** The timer for the next query of one topic. A re-lookup that would be of no use waits until it is. */
export class Timetable {
  readonly #context: TimetableContext
  readonly #cadence: Cadence
  readonly #putOff: Set<Timetable>
  #timer: unknown = null

  /** `putOff` holds the timetables whose re-lookup waits for `lookAgain`. */
  constructor(context: TimetableContext, putOff: Set<Timetable>) {
    this.#context = context
    this.#cadence = new Cadence(context.random)
    this.#putOff = putOff
  }

  /** The topic was joined, or joined in another mode; re-lookups follow if it looks for peers. */
  restart(): void {
    this.#cadence.restart()
  }

  /** Ends the re-lookups, which are needed only to find peers. */
  skipRelookups(): void {
    this.#cadence.skipRelookups()
  }

  /** A query has ended. Returns the milliseconds until the next one. */
  plan(isDone: boolean, isHidden: boolean): number {
    const next = isDone ? this.#cadence.afterSuccess(isHidden) : this.#cadence.afterFailure()
    this.#start(next)
    return next.delayMs
  }

  /** Nothing is due any more. */
  clear(): void {
    this.#putOff.delete(this)
    if (this.#timer !== null) this.#context.clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  /** The re-lookup that was put off may be of use now. */
  lookAgain(): void {
    this.clear()
    this.#context.onDue('relookup')
  }

  #start(next: NextStep): void {
    this.#timer = this.#context.clock.setTimeout(() => this.#onTimer(next), next.delayMs)
  }

  #onTimer({ kind }: NextStep): void {
    this.#timer = null
    if (kind !== 'relookup' || this.#context.wantsPeers()) this.#context.onDue(kind)
    else {
      this.#putOff.add(this)
      this.#start(this.#cadence.refresh())
    }
  }
}
