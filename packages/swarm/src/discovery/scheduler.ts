/** The purpose of a query; also the order in which waiting queries get their turn. */
export type QueryKind = 'join' | 'leave' | 'relookup' | 'sweep' | 'refresh'

const ORDER: readonly QueryKind[] = ['join', 'leave', 'relookup', 'sweep', 'refresh']

/**
 * Largest share of the places for queries that nobody waits for, so that a fresh join finds a free one; and for announces
 * that cannot store yet.
 */
const BACKGROUND_SHARE = 0.5

/** A query that waits for its turn, runs, or has ended. */
export interface Job {
  /** Settles as the task does; resolves to undefined if the job was cancelled while it waited. */
  readonly done: Promise<void>
  /** Removes the job from the queue. The task itself has to end a running one. */
  cancel(): void
}

interface WaitingJob {
  readonly kind: QueryKind
  readonly run: () => Promise<void>
}

/**
 * Decides when discovery queries run, for all swarms on one DHT node: a bounded number at a time, fresh joins
 * first. A DHT node sends 80 requests at once and holds the rest back on a timer, so a few queries at a time are far
 * faster than all together, and leave room for the dials between them.
 */
export class QueryScheduler {
  inFlight = 0
  readonly #maxInFlight: number
  readonly #maxBackground: number
  readonly #waiting = new Map<QueryKind, Set<WaitingJob>>(ORDER.map((kind) => [kind, new Set()]))
  #background = 0
  #early = 0

  constructor(maxInFlight: number) {
    this.#maxInFlight = maxInFlight
    this.#maxBackground = Math.max(1, Math.floor(maxInFlight * BACKGROUND_SHARE))
  }

  get queued(): number {
    return [...this.#waiting.values()].reduce((sum, jobs) => sum + jobs.size, 0)
  }

  /** Runs `task` in its turn. */
  schedule(kind: QueryKind, task: () => Promise<void>): Job {
    let cancel: () => void = () => {}
    const done = new Promise<void>((resolve, reject) => {
      // A task that throws instead of rejecting fails its job and nothing else.
      const run = async () => {
        try {
          await task()
          resolve()
        } catch (error) {
          reject(error)
        }
      }
      const job = { kind, run }
      const jobs = this.#waiting.get(kind)
      jobs?.add(job)
      cancel = () => {
        if (jobs?.delete(job)) resolve()
      }
    })
    this.#pump()
    return { done, cancel: () => cancel() }
  }

  /**
   * Takes one of the places that announces may hold while their server does not listen yet, at most half of all. Returns
   * what gives it back, or null if none is free.
   */
  takeEarly(): (() => void) | null {
    if (this.#early >= Math.floor(this.#maxInFlight * BACKGROUND_SHARE)) return null
    this.#early++
    let isHeld = true
    return () => {
      if (isHeld) this.#early--
      isHeld = false
    }
  }

  #pump(): void {
    while (this.inFlight < this.#maxInFlight) {
      const job = this.#next()
      if (job === null) return
      void this.#run(job)
    }
  }

  #next(): WaitingJob | null {
    for (const kind of ORDER) {
      if (isBackground(kind) && this.#background >= this.#maxBackground) continue
      const jobs = this.#waiting.get(kind)
      for (const job of jobs ?? []) {
        jobs?.delete(job)
        return job
      }
    }
    return null
  }

  async #run(job: WaitingJob): Promise<void> {
    const background = isBackground(job.kind) ? 1 : 0
    this.inFlight++
    this.#background += background
    try {
      await job.run()
    } finally {
      this.inFlight--
      this.#background -= background
      this.#pump()
    }
  }
}

/** Whether it looks again after a join: it stores nothing, and nobody waits for it. */
export function isRelookup(kind: QueryKind): boolean {
  return kind === 'relookup' || kind === 'sweep'
}

function isBackground(kind: QueryKind): boolean {
  return isRelookup(kind) || kind === 'refresh'
}
