/** @import { Point } from '../recording/history.js' */
/** @import { Report } from '../recording/report.js' */

/** The plots of a new server begin with its first point, but show at least this span. */
const MIN_SPAN_MS = 60_000
/** More than this many intervals without a point are a gap. */
const GAP_INTERVALS = 3

/** The points that the plots show. They outlive restarts of the server. */
export class Series {
  #historyMs = 0
  #intervalMs = 0
  /** @type {Point[]} */
  #points = []

  /** Time of the newest point, in milliseconds since 1970; 0 without one. */
  get newestAt() {
    return this.#points.at(-1)?.at ?? 0
  }

  /** The newest point. */
  get newest() {
    return this.#points.at(-1)
  }

  /** The start and end of the plots, in seconds since 1970. @returns {[number, number]} */
  get span() {
    const end = this.newestAt
    const begin = Math.min(this.#points[0]?.at ?? end, end - MIN_SPAN_MS)
    return [Math.max(begin, end - this.#historyMs) / 1000, end / 1000]
  }

  /** @param {Report} report */
  add({ historyMs, intervalMs, points }) {
    this.#historyMs = historyMs
    this.#intervalMs = intervalMs
    const [first] = points
    if (first === undefined) return
    // Points later than a new one are from before the server's clock was set back.
    const older = this.#points.filter((point) => point.at < first.at)
    const all = [...older, ...points]
    const oldestAt = (all.at(-1)?.at ?? 0) - historyMs
    this.#points = all.filter((point) => point.at >= oldestAt)
  }

  /** The time of each row of the plots, in seconds since 1970. */
  times() {
    return this.#rows().map((row) => row.at / 1000)
  }

  /**
   * A column of the plots; null where there is a gap.
   * @param {Exclude<keyof Point, 'at'>} name
   * @returns {(number | null)[]}
   */
  column(name) {
    return this.#rows().map((row) => ('gap' in row ? null : row[name]))
  }

  /** @returns {(Point | { at: number, gap: true })[]} */
  #rows() {
    return this.#points.flatMap((point, index) => {
      const before = this.#points[index - 1]?.at ?? point.at
      const isGap = point.at - before > GAP_INTERVALS * this.#intervalMs
      return isGap ? [{ at: (before + point.at) / 2, gap: /** @type {const} */ (true) }, point] : [point]
    })
  }
}
