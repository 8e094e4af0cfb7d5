import type { Snapshot } from '../figures/snapshot.js'
import type { Health } from './health.js'
import type { LastMinute, Point } from './history.js'

/** What the page fetches, as JSON. */
export interface Report {
  /** Name of the machine, to tell several servers apart. */
  host: string
  /** Time at the server, in milliseconds since 1970. */
  now: number
  /** Milliseconds between two points. */
  intervalMs: number
  /** Milliseconds that the plots reach back. */
  historyMs: number
  /** Null while there are no figures yet. */
  health: Health | null
  /** Null while there are no figures yet. */
  snapshot: Snapshot | null
  /** Whether clients can be cut off. */
  canCutOff: boolean
  /** Refusals and resets of the last minute. */
  lastMinute: LastMinute
  /** The points later than requested, oldest first. */
  points: Point[]
}
