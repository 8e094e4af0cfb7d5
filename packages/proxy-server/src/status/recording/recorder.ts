import { hostname } from 'node:os'
import type { MonotonicMs } from '@swarmway/swarm/core'
import type { Snapshot, StatusSource } from '../figures/snapshot.js'
import type { StatusSettings } from '../options.js'
import { judge } from './health.js'
import { History } from './history.js'
import type { Report } from './report.js'
import { Sampler } from './sampler.js'

/**
 * Records the figures of the last minutes even while the page is closed, so that an opened page has its plots at
 * once.
 */
export class Recorder {
  readonly canCutOff: boolean
  readonly #settings: StatusSettings
  readonly #history: History
  readonly #sampler: Sampler

  constructor(source: StatusSource, settings: StatusSettings) {
    const { clock, historyMs, intervalMs, wallClock } = settings
    this.canCutOff = source.cutOff !== undefined
    this.#settings = settings
    this.#history = new History(Math.ceil(historyMs / intervalMs))
    const onSnapshot = (takenAt: MonotonicMs, snapshot: Snapshot) =>
      this.#history.add({ at: wallClock.now(), takenAt, snapshot })
    this.#sampler = new Sampler({ source, clock, intervalMs, onSnapshot })
  }

  /** The current report, with the points later than `after`. */
  report(after: number): Report {
    const { historyMs, intervalMs, wallClock } = this.#settings
    const now = wallClock.now()
    const snapshot = this.#history.latest
    const lastMinute = this.#history.lastMinute()
    const health = snapshot && judge({ snapshot, ...lastMinute, points: this.#history.after(0) })
    // A page with points from the future loaded them before the clock was set back.
    const points = this.#history.after(after > now ? 0 : after)
    const { canCutOff } = this
    return { host: hostname(), now, intervalMs, historyMs, health, snapshot, canCutOff, lastMinute, points }
  }

  /** Takes no more snapshots. */
  destroy(): void {
    this.#sampler.destroy()
  }
}
