/** @import { ClientFigures } from '../busiest.js' */
import { make, wideRow, wideTable } from './dom.js'
import { milliseconds, number, rate } from './format.js'

const TITLES = ['Busiest clients', 'Says it is', 'Traffic', 'Round trip', 'Topics', 'Streams', '']

/** The clients that move most, each with a button to cut it off. */
export class ClientTable {
  #body = make('tbody')
  #note = make('caption')
  /** The client whose button has been pressed once. */
  #armed = ''

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
    // A row must not move away under somebody who is about to press its button.
    if (this.#armed !== '' || this.#body.contains(document.activeElement)) return
    this.element.hidden = clients.length === 0 && this.#note.textContent === ''
    this.#body.replaceChildren(...clients.map((client) => this.#line(client, intervalMs, canCutOff)))
  }

  /**
   * @param {ClientFigures} client
   * @param {number} intervalMs
   * @param {boolean} canCutOff
   */
  #line(client, intervalMs, canCutOff) {
    const { bytes, roundTripMs, streams, topics, userAgent } = client
    const name = nameOf(client)
    const traffic = rate((bytes * 1000) / intervalMs)
    const roundTrip = roundTripMs === null ? '' : milliseconds(roundTripMs)
    const texts = [name, userAgent, traffic, roundTrip, number(topics), number(streams)]
    const action = make('td', {}, ...(canCutOff ? [this.#button(client)] : []))
    return wideRow(TITLES, texts, action)
  }

  /** Asks once more before it does it. @param {ClientFigures} client */
  #button(client) {
    const key = `${client.pid} ${client.number}`
    const button = make('button', { text: 'Cut off' })
    button.ariaLabel = `Cut off ${nameOf(client)}`
    button.addEventListener('click', () => {
      if (this.#armed === key) {
        this.#disarm(button)
        button.blur()
        void this.#cutOff(client)
        return
      }
      this.#armed = key
      button.textContent = 'Sure?'
      button.addEventListener('blur', () => this.#disarm(button), { once: true })
    })
    return button
  }

  /** @param {HTMLButtonElement} button */
  #disarm(button) {
    this.#armed = ''
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
