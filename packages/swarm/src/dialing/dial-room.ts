import type { Clock } from '@swarmway/runtime'
import type { ConnectionLimits } from '../connections/limits.js'
import type { ConnectionTable } from '../connections/table.js'
import { AdaptiveWindow } from './adaptive-window.js'
import { verdictOf } from './outcome.js'
import { type DialingSwarm, SharedDials } from './shared-dials.js'

/**
 * Dials in progress that time-outs leave a swarm, so that peers that are gone do not keep it from those that are there; and
 * those that it begins with on a local network.
 */
const LEAST_PARALLEL = 3

/** What the room depends on. */
export interface DialRoomContext {
  readonly settings: { readonly clock: Clock }
  readonly limits: ConnectionLimits
  readonly table: ConnectionTable
}

/** Decides how many dials a swarm may have in progress: `maxParallel`, or fewer while they time out. */
export class DialRoom implements DialingSwarm {
  readonly onRoom: () => void
  /** Dials whose outcome is not known yet. */
  #count = 0
  readonly #context: DialRoomContext
  readonly #window = new AdaptiveWindow(LEAST_PARALLEL, Number.POSITIVE_INFINITY)
  readonly #shared: SharedDials

  /** `onRoom` is called when the other swarms of this process leave room again. */
  constructor(context: DialRoomContext, onRoom: () => void) {
    this.#context = context
    this.#shared = SharedDials.of(context.settings.clock)
    this.onRoom = onRoom
  }

  get peerCount(): number {
    return this.#context.table.peerCount
  }

  /** Whether another dial may begin while `connecting` are in progress. */
  has(connecting: number): boolean {
    const { maxParallel } = this.#context.limits
    return connecting < Math.min(maxParallel, this.#window.size) && this.#shared.hasRoom(this)
  }

  /** A dial begins, whether there is room or not. */
  begin(): void {
    this.#count++
    this.#shared.begin()
  }

  /** A dial has ended with this outcome. */
  end(code: string): void {
    const { limits, settings } = this.#context
    const verdict = verdictOf(code)
    const inUse = Math.min(this.#count--, limits.maxParallel)
    if (verdict === 'answered') this.#window.grow(limits.maxParallel)
    else if (verdict === 'timed-out') this.#window.shrink(inUse, settings.clock.now())
    this.#shared.end(verdict)
  }

  /** The hosts of a local network find each other at one moment: with all dials at once, none would end soon. */
  startSlowly(): void {
    this.#window.startSlowly()
  }

  /** The network is back: the time-outs were its fault. */
  restart(): void {
    this.#window.restart()
    this.#shared.restart()
  }

  /** No dial begins for now. */
  stop(): void {
    this.#shared.forget(this)
  }
}
