/** @import { Report } from '../recording/report.js' */
import { Banner } from './banner.js'
import { byId, setText } from './dom.js'
import { time } from './format.js'
import { Plots } from './plots.js'
import { Poller } from './poller.js'
import { Series } from './series.js'
import { Tables } from './tables.js'
import { Tiles } from './tiles.js'

/** Age, in intervals of the server, above which figures are stale. */
const STALE_INTERVALS = 3
const MIN_STALE_MS = 5000
/** Age above which they are stale if the server has just failed to answer. */
const FAILED_STALE_MS = 2000

/** Puts the parts of the page together. */
class Page {
  #series = new Series()
  #banner = new Banner()
  #tiles = new Tiles(byId('tiles'))
  #tables = new Tables(byId('tables'))
  #plots = new Plots(byId('plots'), this.#series)
  #poller
  /** @type {Report | null} */
  #report = null
  /** When the last new figures came: the time of day to show, and the moment from which their age is measured. */
  #freshDate = Date.now()
  #freshAt = performance.now()
  #problem = ''
  #hasFailed = false

  constructor() {
    const listener = {
      onReport: this.#onReport.bind(this),
      onProblem: this.#onProblem.bind(this),
      onLocked: this.#onLocked.bind(this)
    }
    this.#poller = new Poller(listener, () => this.#series.newestAt)
    this.#poller.poll()
    setInterval(() => this.#showState(), 1000)
  }

  /** @param {Report} report */
  #onReport(report) {
    const isNew = report.points.length > 0 || this.#report === null
    this.#problem = 'The server has no new figures.'
    this.#hasFailed = false
    this.#banner.name = `Swarmway proxy on ${report.host}`
    setText(byId('name'), this.#banner.name)
    if (isNew) this.#markFresh()
    this.#report = report
    this.#series.add(report)
    this.#showFigures(report)
    this.#showState()
  }

  /** @param {string} problem */
  #onProblem(problem) {
    this.#problem = problem
    this.#hasFailed = true
    this.#showState()
  }

  #onLocked() {
    this.#onProblem('The server asks for the token again: reload the page to enter it.')
  }

  /** @param {Report} report */
  #showFigures(report) {
    const { snapshot } = report
    if (snapshot === null) return
    byId('figures').hidden = false
    setText(byId('updated'), `Updated ${time(this.#freshDate)}`)
    this.#tiles.show(snapshot, this.#series.newest)
    this.#tables.show(report)
    this.#plots.show(snapshot)
  }

  #markFresh() {
    this.#freshDate = Date.now()
    this.#freshAt = performance.now()
  }

  #showState() {
    const health = this.#report?.health
    const ageMs = performance.now() - this.#freshAt
    const silentMs = Math.max(MIN_STALE_MS, STALE_INTERVALS * (this.#report?.intervalMs ?? 0))
    const isStale = ageMs > (this.#hasFailed ? FAILED_STALE_MS : silentMs)
    document.body.classList.toggle('stale', isStale)
    const silence = `No data since ${time(this.#freshDate)}. ${this.#problem}`
    if (isStale) this.#banner.show([{ level: 'alarm', text: silence }])
    else if (health) this.#banner.show(health.lines)
  }
}

new Page()
