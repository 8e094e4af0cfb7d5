/** @import { ClientFigures } from '../figures/busiest.js' */
import { fillRow, make, wideRow, wideTable } from './dom.js'
import { milliseconds, number, rate } from './format.js'

const TITLES = ['Busiest clients', 'Says it is', 'Traffic', 'Round trip', 'Topics', 'Streams', '']

/** Milliseconds in which a button has to be pressed again. */
const ARMED_MS = 5000

/** The clients that move most, each with a button to cut it off. */
export class ClientTable {
  #body = make('tbody')
  #note = make('caption')
  /** By process and number. @type {Map<string, HTMLTableRowElement>} */
  #rows = new Map()
  /** The button that has been pressed once. @type {HTMLButtonElement | null} */
  #armed = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  constructor() {
    this.element = wideTable(TITLES, this.#body)
    this.element.classList.add('clients')
    this.#note.setAttribute('role', 'status')
    this.element.append(this.#note)
  }

  /**
   * @param {readonly ClientFigures[]} clients
   * @param {number} intervalMs
   * @param {boolean} canCutOff
   */
  show(clients, intervalMs, canCutOff) {
    this.element.hidden = clients.length === 0 && this.#note.textContent === ''
    const isInUse = this.#armed !== null || this.#body.contains(document.activeElement)
    const shown = new Map(clients.map((client) => [keyOf(client), client]))
    for (const [key, row] of this.#rows) {
      if (shown.has(key)) continue
      // A row must not move away under somebody who is about to press its button.
      if (isInUse) fillRow(row, TITLES, [null, null, rate(0)])
      else this.#rows.delete(key)
    }
    const rows = clients.map((client) => this.#row(client, intervalMs, canCutOff))
    if (isInUse) this.#body.append(...rows.filter((row) => !this.#body.contains(row)))
    else this.#body.replaceChildren(...rows)
  }

  /**
   * The row of a client, with its present figures.
   * @param {ClientFigures} client
   * @param {number} intervalMs
   * @param {boolean} canCutOff
   */
  #row(client, intervalMs, canCutOff) {
    const { bytes, roundTripMs, streams, topics, userAgent } = client
    const roundTrip = roundTripMs === null ? '' : milliseconds(roundTripMs)
    const traffic = rate((bytes * 1000) / intervalMs)
    const texts = [nameOf(client), userAgent, traffic, roundTrip, number(topics), number(streams)]
    const known = this.#rows.get(keyOf(client))
    if (known !== undefined) {
      fillRow(known, TITLES, texts)
      return known
    }
    const row = wideRow(TITLES, texts, make('td', {}, ...(canCutOff ? [this.#button(client)] : [])))
    this.#rows.set(keyOf(client), row)
    return row
  }

  /** Asks once more before it does it. @param {ClientFigures} client */
  #button(client) {
    const button = make('button', { text: 'Cut off' })
    button.ariaLabel = `Cut off ${nameOf(client)}`
    button.addEventListener('blur', () => this.#disarm(button))
    button.addEventListener('click', () => {
      if (this.#armed !== button) return this.#arm(button)
      this.#disarm(button)
      button.blur()
      void this.#cutOff(client)
    })
    return button
  }

  /** @param {HTMLButtonElement} button */
  #arm(button) {
    this.#armed = button
    button.textContent = 'Sure?'
    // Safari does not focus a button that is clicked, and so would not tell when the visitor turns to something else.
    button.focus()
    this.#timer = setTimeout(() => this.#disarm(button), ARMED_MS)
  }

  /** @param {HTMLButtonElement} button */
  #disarm(button) {
    if (this.#armed !== button) return
    clearTimeout(this.#timer)
    this.#armed = null
    button.textContent = 'Cut off'
  }

  /** @param {ClientFigures} client */
  async #cutOff(client) {
    const { number: count, pid } = client
    const name = nameOf(client)
    this.#note.textContent =
      (await request({ pid, number: count })) ?? `${name} was cut off; it may come back in a minute.`
  }
}

/** @param {ClientFigures} client */
function keyOf({ number: count, pid }) {
  return `${pid} ${count}`
}

/** @param {ClientFigures} client */
function nameOf({ address, number: count }) {
  return address ?? `client ${count}`
}

/**
 * Returns why it failed, or null.
 * @param {{ pid: number, number: number }} client
 */
async function request(client) {
  try {
    const answer = await fetch('cut-off', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-swarmway-action': 'cut-off' },
      body: JSON.stringify(client)
    })
    if (answer.ok) return null
    const { message } = await answer.json().catch(() => ({ message: 'Reload the page to enter the token.' }))
    return String(message)
  } catch {
    return 'The server does not answer.'
  }
}
