/** @import { Report } from '../report.js' */
/** @import { Counts } from '../snapshot.js' */
import { make } from './dom.js'
import { number } from './format.js'
import { refusalText, resetText } from './reasons.js'

/** Refusals and resets, by reason. */
export class Tables {
  #refusals
  #resets

  /** @param {Element} parent */
  constructor(parent) {
    this.#refusals = new Table('Refused', refusalText)
    this.#resets = new Table('Streams reset', resetText)
    parent.append(this.#refusals.element, this.#resets.element)
  }

  /** @param {Report} report */
  show({ lastMinute, snapshot }) {
    this.#refusals.show(snapshot?.refusals ?? {}, lastMinute.refusals)
    this.#resets.show(snapshot?.resets ?? {}, lastMinute.resets)
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
