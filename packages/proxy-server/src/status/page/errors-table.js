/** @import { RecentError } from '../figures/recent-errors.js' */
import { make, wideRow, wideTable } from './dom.js'
import { number, time } from './format.js'

const TITLES = ['Recent errors', 'Code', 'Times', 'First', 'Last']

/** What went wrong lately. */
export class ErrorsTable {
  #body = make('tbody')
  #shown = ''

  constructor() {
    this.element = wideTable(TITLES, this.#body)
  }

  /** @param {readonly RecentError[]} errors */
  show(errors) {
    this.element.hidden = errors.length === 0
    const shown = JSON.stringify(errors)
    if (shown === this.#shown) return
    this.#shown = shown
    const lines = errors.map(({ code, count, firstAt, lastAt, text }) =>
      wideRow(TITLES, [text, code, number(count), time(firstAt), time(lastAt)])
    )
    this.#body.replaceChildren(...lines)
  }
}
