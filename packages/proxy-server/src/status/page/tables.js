/** @import { Report } from '../recording/report.js' */
/** @import { RecentError } from '../figures/recent-errors.js' */
/** @import { Counts, WorkerFigures } from '../figures/snapshot.js' */
import { ClientTable } from './client-table.js'
import { make, wideRow, wideTable } from './dom.js'
import { FleetTable } from './fleet-table.js'
import { duration, milliseconds, number, rate, size, time } from './format.js'
import { refusalText, resetText } from './reasons.js'

/** Refusals and resets, by reason. */
export class Tables {
  #refusals
  #resets
  #workers = new WorkerTable()
  #fleet = new FleetTable()
  #clients = new ClientTable()
  #errors = new ErrorsTable()

  /** @param {Element} parent */
  constructor(parent) {
    this.#refusals = new Table('Refused', refusalText)
    this.#resets = new Table('Streams reset', resetText)
    parent.append(this.#refusals.element, this.#resets.element, this.#errors.element)
    parent.append(this.#fleet.element, this.#clients.element, this.#workers.element)
  }

  /** @param {Report} report */
  show({ canCutOff, intervalMs, lastMinute, now, snapshot }) {
    this.#clients.show(snapshot?.busiest ?? [], intervalMs, canCutOff)
    this.#errors.show(snapshot?.errors ?? [])
    this.#fleet.show(snapshot?.fleet)
    this.#workers.show(snapshot?.workers ?? [], now)
    this.#refusals.show(snapshot?.refusals ?? {}, lastMinute.refusals)
    this.#resets.show(snapshot?.resets ?? {}, lastMinute.resets)
  }
}

const PROCESS_TITLES = ['Process', 'Up', 'Clients', 'Streams', 'Traffic', 'Memory', 'Loop delay']

/** The processes one by one, if there are several: the sums hide one that is busy, or that was restarted. */
class WorkerTable {
  #body = make('tbody')
  /** Bytes and time of the last figures, by process. @type {Map<number, { bytes: number, at: number, rate: number }>} */
  #last = new Map()

  constructor() {
    this.element = wideTable(PROCESS_TITLES, this.#body)
  }

  /**
   * @param {readonly WorkerFigures[]} workers
   * @param {number} now
   */
  show(workers, now) {
    this.element.hidden = workers.length < 2
    const busiestFirst = workers.map((worker) => ({ worker, rate: this.#rate(worker, now) }))
    busiestFirst.sort((a, b) => b.rate - a.rate || a.worker.pid - b.worker.pid)
    this.#body.replaceChildren(...busiestFirst.map((one) => this.#line(one.worker, one.rate, now)))
  }

  /**
   * @param {WorkerFigures} worker
   * @param {number} now
   */
  #rate({ bytes, pid }, now) {
    const last = this.#last.get(pid)
    // Over a shorter time it would jump about.
    if (last !== undefined && now - last.at < 1000) return last.rate
    const perSecond = last === undefined ? 0 : (Math.max(0, bytes - last.bytes) * 1000) / (now - last.at)
    this.#last.set(pid, { bytes, at: now, rate: perSecond })
    return perSecond
  }

  /**
   * @param {WorkerFigures} worker
   * @param {number} perSecond
   * @param {number} now
   */
  #line({ clients, loopDelayMs, pid, rssBytes, startedAt, streams }, perSecond, now) {
    const texts = [
      String(pid),
      duration(now - startedAt),
      number(clients),
      number(streams),
      rate(perSecond),
      size(rssBytes),
      milliseconds(loopDelayMs)
    ]
    return wideRow(PROCESS_TITLES, texts)
  }
}

class Table {
  #body = make('tbody')
  #describe
  #shown = ''

  /**
   * @param {string} title
   * @param {(reason: string) => string} describe
   */
  constructor(title, describe) {
    this.#describe = describe
    const columns = [title, 'Last minute', 'Since start'].map((text) => {
      const cell = make('th', { text })
      cell.scope = 'col'
      return cell
    })
    this.element = make('table', {}, make('thead', {}, make('tr', {}, ...columns)), this.#body)
  }

  /**
   * @param {Counts} totals
   * @param {Counts} recent
   */
  show(totals, recent) {
    const rows = rowsOf(totals, recent)
    const shown = JSON.stringify(rows)
    if (shown === this.#shown) return
    this.#shown = shown
    const lines = rows.map((row) => this.#line(row))
    this.#body.replaceChildren(...(lines.length > 0 ? lines : [nothing()]))
  }

  /** @param {Row} row */
  #line({ last, reason, total }) {
    const text = this.#describe(reason)
    const cell = make('td', { text })
    if (text !== reason) cell.title = reason
    return make('tr', {}, cell, make('td', { text: number(last) }), make('td', { text: number(total) }))
  }
}

/** @typedef {{ reason: string, last: number, total: number }} Row */

/**
 * Current reasons come first.
 * @param {Counts} totals
 * @param {Counts} recent
 * @returns {Row[]}
 */
function rowsOf(totals, recent) {
  return Object.entries(totals)
    .map(([reason, total]) => ({ reason, total, last: recent[reason] ?? 0 }))
    .sort((a, b) => b.last - a.last || b.total - a.total)
}

function nothing() {
  const cell = make('td', { className: 'none', text: 'Nothing since the start' })
  cell.colSpan = 3
  return make('tr', {}, cell)
}

const ERROR_TITLES = ['Recent errors', 'Code', 'Times', 'First', 'Last']

/** What went wrong lately. */
class ErrorsTable {
  #body = make('tbody')
  #shown = ''

  constructor() {
    this.element = wideTable(ERROR_TITLES, this.#body)
  }

  /** @param {readonly RecentError[]} errors */
  show(errors) {
    this.element.hidden = errors.length === 0
    const shown = JSON.stringify(errors)
    if (shown === this.#shown) return
    this.#shown = shown
    const lines = errors.map(({ code, count, firstAt, lastAt, text }) =>
      wideRow(ERROR_TITLES, [text, code, number(count), time(firstAt), time(lastAt)])
    )
    this.#body.replaceChildren(...lines)
  }
}
