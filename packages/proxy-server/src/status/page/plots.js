/** @import { Plot } from './plot-list.js' */
/** @import { Snapshot } from '../figures/snapshot.js' */
/** @import { Series } from './series.js' */
import { make, setText } from './dom.js'
import { time } from './format.js'
import { PLOTS } from './plot-list.js'

const HEIGHT = 150
const MIN_AXIS_WIDTH = 48
/** Widest letter of the labels, which are 12 px high; and the ticks beside them. */
const LETTER_WIDTH = 7.5
const TICKS_WIDTH = 16
const BAR_WIDTH = 4
/** Part of a limit from which on it is in the picture. */
const NEAR_LIMIT = 0.5
/** Each line has its own colour and dash, for people who cannot tell the colours apart. */
const DASHES = [[], [6, 4]]
/** Seconds between two labels of the time axis. */
const TIME_STEPS = [5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600]
const SYNC = { key: 'status' }

/** All plots, on one time axis. */
export class Plots {
  #views

  /**
   * @param {Element} parent
   * @param {Series} series
   */
  constructor(parent, series) {
    this.#views = PLOTS.map((plot) => new PlotView(plot, series))
    parent.append(...this.#views.map((view) => view.element))
    for (const view of this.#views) view.fit()
    // Light and dark mode: the colours are read at each drawing.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.show(null))
  }

  /**
   * Draws the series.
   * @param {Snapshot | null} snapshot the limits; null if they have not changed
   */
  show(snapshot) {
    for (const view of this.#views) view.show(snapshot)
  }
}

class PlotView {
  #plot
  #series
  #uplot
  #canvas = make('div', { className: 'canvas' })
  #values
  #time = make('span', { className: 'time' })
  /** The limit of the values, if there is one. @type {number | null} */
  #limit = null
  /** Names the line of the limit while that is drawn. */
  #limitKey = make('span', {}, make('i', { className: 'line key-limit' }), make('span', { text: 'limit' }))

  /**
   * @param {Plot} plot
   * @param {Series} series
   */
  constructor(plot, series) {
    this.#plot = plot
    this.#series = series
    this.#values = plot.lines.map(() => make('b'))
    const legend = plot.lines.map(({ label }, index) => {
      const key = make('i', { className: `${plot.isCount ? 'bar' : 'line'} key-${index + 1}` })
      return make('span', {}, key, make('span', { text: `${label} ` }), this.#values[index] ?? make('b'))
    })
    legend.push(this.#limitKey)
    const title = make('div', {}, make('h2', { text: plot.title }), this.#time)
    const caption = make('figcaption', {}, title, make('div', {}, ...legend))
    this.element = make('figure', {}, caption, this.#canvas)
    this.#uplot = new uPlot(this.#options(), this.#data(), this.#canvas)
    new ResizeObserver(() => this.fit()).observe(this.#canvas)
  }

  /** Fits the plot to the available width. */
  fit() {
    const width = this.#canvas.clientWidth
    if (width > 0 && width !== this.#uplot.width) this.#uplot.setSize({ width, height: HEIGHT })
  }

  /** @param {Snapshot | null} snapshot */
  show(snapshot) {
    const { limit } = this.#plot
    if (snapshot !== null && limit !== undefined) this.#limit = snapshot[limit]
    this.#uplot.setData(this.#data())
    this.#showValues()
  }

  /** @returns {uPlot.AlignedData} */
  #data() {
    return [this.#series.times(), ...this.#plot.lines.map(({ name }) => this.#series.column(name))]
  }

  /** Shows the values under the cursor, or the latest ones. */
  #showValues() {
    const { data, cursor } = this.#uplot
    const index = cursor.idx ?? data[0].length - 1
    setText(this.#time, cursor.idx == null ? '' : time((data[0][index] ?? 0) * 1000))
    for (const [line, element] of this.#values.entries()) {
      const value = data[line + 1]?.[index]
      setText(element, value == null ? '–' : this.#plot.format(value))
    }
  }

  /** Shows the limit and its name, once the axis reaches it. @param {uPlot} plot */
  #showLimit(plot) {
    const isShown = this.#limit !== null && this.#limit <= (plot.scales['y']?.max ?? 0)
    this.#limitKey.hidden = !isShown
    if (isShown) drawLimit(plot, this.#limit ?? 0)
  }

  /** @returns {uPlot.Options} */
  #options() {
    const { isCount = false, lines } = this.#plot
    return {
      width: 320,
      height: HEIGHT,
      // Room for half of the first and of the last label, and between them and the legend.
      padding: [14, 26, 0, 0],
      legend: { show: false },
      cursor: { sync: SYNC, drag: { x: false, y: false }, points: { size: 6 } },
      hooks: { setCursor: [() => this.#showValues()], draw: [(plot) => this.#showLimit(plot)] },
      scales: { x: { range: () => this.#series.span }, y: { range: (_plot, _min, max) => this.#range(max) } },
      axes: [this.#timeAxis(), this.#valueAxis()],
      series: [{}, ...lines.map((_line, index) => (isCount ? barOptions(index) : lineOptions(index)))]
    }
  }

  /**
   * Starts at zero and leaves room at the top, so that a small change looks small.
   * @param {number | null} max
   * @returns {[number, number]}
   */
  #range(max) {
    const highest = max ?? 0
    const isNear = this.#limit !== null && highest > NEAR_LIMIT * this.#limit
    return [0, Math.max(this.#plot.top, highest * 1.1, isNear ? (this.#limit ?? 0) * 1.05 : 0)]
  }

  /** @returns {uPlot.Axis} */
  #timeAxis() {
    return {
      ...colours(),
      size: 28,
      space: 62,
      incrs: TIME_STEPS,
      values: (_plot, splits, _axis, _space, step) => splits.map((split) => clockTime(split, step))
    }
  }

  /** @returns {uPlot.Axis} */
  #valueAxis() {
    const { base = 10, format, step } = this.#plot
    return {
      ...colours(),
      size: (_plot, labels) => axisWidth(labels),
      space: 27,
      incrs: steps(base, step),
      values: (_plot, splits) => splits.map(format)
    }
  }
}

/**
 * Shows seconds only where they matter.
 * @param {number} seconds since 1970
 * @param {number} step
 */
function clockTime(seconds, step) {
  const text = time(seconds * 1000)
  return step < 60 ? text : text.slice(0, 5)
}

/**
 * Draws a dotted line across the plot.
 * @param {uPlot} plot
 * @param {number} limit
 */
function drawLimit(plot, limit) {
  const { ctx } = plot
  const { left, width } = plot.bbox
  const y = Math.round(plot.valToPos(limit, 'y', true))
  ctx.save()
  ctx.strokeStyle = variable('--alarm')
  ctx.setLineDash([2, 4])
  ctx.beginPath()
  ctx.moveTo(left, y)
  ctx.lineTo(left + width, y)
  ctx.stroke()
  ctx.restore()
}

/** @param {number} index @returns {uPlot.Series} */
function lineOptions(index) {
  return {
    width: 2,
    dash: DASHES[index] ?? [],
    stroke: () => variable(`--line-${index + 1}`),
    fill: () => (index === 0 ? variable('--fill-1') : 'transparent'),
    points: { show: false }
  }
}

/** @param {number} index @returns {uPlot.Series} */
function barOptions(index) {
  const colour = () => variable(`--line-${index + 1}`)
  const paths = uPlot.paths.bars?.({ size: [1, BAR_WIDTH, 1] })
  return { width: 0, stroke: colour, fill: colour, points: { show: false }, ...(paths && { paths }) }
}

/**
 * Room for the longest label, which would be cut otherwise.
 * @param {string[] | null} labels
 */
function axisWidth(labels) {
  const longest = Math.max(0, ...(labels ?? []).map((label) => label.length))
  return Math.max(MIN_AXIS_WIDTH, Math.ceil(longest * LETTER_WIDTH) + TICKS_WIDTH)
}

function colours() {
  const grid = { stroke: () => variable('--grid'), width: 1 }
  return { stroke: () => variable('--quiet'), grid, ticks: grid, font: '12px system-ui, sans-serif' }
}

/**
 * Distances between two lines of the grid.
 * @param {number} base
 * @param {number} step
 */
function steps(base, step) {
  const factors = base === 2 ? [1] : [1, 2, 5]
  const powers = Array.from({ length: base === 2 ? 50 : 16 }, (_, power) => base ** power)
  return powers.flatMap((power) => factors.map((factor) => step * factor * power))
}

/** @param {string} name */
function variable(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name)
}
