/** @import { Point } from '../history.js' */
/** @import { Report } from '../report.js' */

/** A young server's plots begin with its first point, but show no less than this. */
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

  /** Seconds since 1970 between which the plots are drawn. @returns {[number, number]} */
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
    // What is later than a new point is from before the server's clock was set back.
    const older = this.#points.filter((point) => point.at < first.at)
    const all = [...older, ...points]
    const oldestAt = (all.at(-1)?.at ?? 0) - historyMs
    this.#points = all.filter((point) => point.at >= oldestAt)
  }

  /** Seconds since 1970, of each row of the plots. */
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
