import { type Clock, LoopWatch } from '@swarmway/runtime'
import { AdaptiveWindow } from './adaptive-window.js'
import type { Verdict } from './outcome.js'

/** Eight swarms with as many dials as they want. */
const FIRST_WINDOW = 64
/** Few enough for a busy processor to finish them in time, and enough to use an idle one. */
const LEAST_WINDOW = 24

/** Places given out until it is the longest waiting swarm's turn. */
const TURNS = 4

/** A swarm that would dial. */
export interface DialingSwarm {
  /** Number of peers that it is connected or connecting to. */
  readonly peerCount: number
  /** There is room again. */
  onRoom(): void
}

/**
 * The dials of all swarms of this process, which share its event loop and its processor: beyond what these can do, every
 * dial times out. The limit adapts to time-outs and to how late the event loop is.
 *
 * Three places of four go to the swarm with the fewest peers, so that nobody is left alone while others fill up, and the
 * fourth to the one that waits for longest, so that swarms whose dials all fail do not take every place.
 */
export class SharedDials {
  static readonly #byClock = new WeakMap<Clock, SharedDials>()

  readonly #clock: Clock
  readonly #loop: LoopWatch
  readonly #window = new AdaptiveWindow(LEAST_WINDOW, FIRST_WINDOW)
  /** The longest waiting first. */
  readonly #waiting = new Set<DialingSwarm>()
  #turn = 0
  #count = 0
  #lostMs = 0

  private constructor(clock: Clock) {
    this.#clock = clock
    this.#loop = new LoopWatch(clock)
  }

  /** Swarms with the same clock run on the same event loop. */
  static of(clock: Clock): SharedDials {
    const shared = SharedDials.#byClock.get(clock) ?? new SharedDials(clock)
    SharedDials.#byClock.set(clock, shared)
    return shared
  }

  /** Whether a swarm may begin another dial now. If not, `onRoom` is called once when it should ask again. */
  hasRoom(swarm: DialingSwarm): boolean {
    if (this.#count < this.#window.size) return true
    this.#waiting.add(swarm)
    return false
  }

  begin(): void {
    if (this.#count++ === 0) this.#loop.acquire()
  }

  end(verdict: Verdict): void {
    this.#adapt(verdict)
    if (--this.#count === 0) this.#loop.release()
    this.#wake()
  }

  /** A network is back: time-outs before that say nothing about what this process can bear. */
  restart(): void {
    this.#window.restart()
    this.#wake()
  }

  /** The swarm dials no more. */
  forget(swarm: DialingSwarm): void {
    this.#waiting.delete(swarm)
  }

  #adapt(verdict: Verdict): void {
    const { lostMs } = this.#loop
    const isLate = lostMs > this.#lostMs
    this.#lostMs = lostMs
    if (isLate || verdict === 'timed-out') this.#window.shrink(this.#count, this.#clock.now())
    // A window that is not in use has not been tested.
    else if (verdict === 'answered' && this.#count >= this.#window.size) this.#grow()
  }

  /** One swarm has a limit of its own. Of many, each of which wants more, all dials together would become slow. */
  #grow(): void {
    if (this.#waiting.size > 1) this.#window.growSlowly()
    else this.#window.grow(Number.POSITIVE_INFINITY)
  }

  #wake(): void {
    while (this.#count < this.#window.size) {
      const next = this.#next()
      if (next === undefined) return
      this.#waiting.delete(next)
      next.onRoom()
    }
  }

  #next(): DialingSwarm | undefined {
    let [next] = this.#waiting
    if (++this.#turn % TURNS === 0) return next
    for (const swarm of this.#waiting) if (next === undefined || swarm.peerCount < next.peerCount) next = swarm
    return next
  }
}
