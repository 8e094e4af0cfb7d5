/** @import { Report } from '../recording/report.js' */

const DEFAULT_INTERVAL_MS = 2000
const TIMEOUT_MS = 8000

/**
 * Receives what a poller reports.
 * @typedef {object} PollerListener
 * @property {(report: Report) => void} onReport
 * @property {(problem: string) => void} onProblem the server or the network delivers no report
 * @property {() => void} onLocked the token is needed (again)
 */

/**
 * Fetches reports at an interval. Uses plain requests instead of a stream: each starts fresh, so nothing can hang
 * after a laptop has slept or a reverse proxy has cut a connection.
 */
export class Poller {
  /** @type {PollerListener} */
  #listener
  /** @type {() => number} */
  #newestAt
  #intervalMs = DEFAULT_INTERVAL_MS
  #timer = 0
  #request = new AbortController()

  /**
   * @param {PollerListener} listener
   * @param {() => number} newestAt time of the newest known point
   */
  constructor(listener, newestAt) {
    this.#listener = listener
    this.#newestAt = newestAt
    // Timers of hidden pages run late, and requests from before a sleep never end.
    document.addEventListener('visibilitychange', () => document.hidden || this.poll())
    window.addEventListener('online', () => this.poll())
    window.addEventListener('pageshow', (event) => event.persisted && this.poll())
  }

  /** Fetches now. */
  async poll() {
    clearTimeout(this.#timer)
    this.#request.abort()
    const request = new AbortController()
    this.#request = request
    await this.#fetch(AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]), request)
    if (this.#request === request) this.#timer = setTimeout(() => this.poll(), this.#intervalMs)
  }

  /**
   * @param {AbortSignal} signal
   * @param {AbortController} request
   */
  async #fetch(signal, request) {
    try {
      const response = await fetch(`status.json?after=${this.#newestAt()}`, { signal, cache: 'no-store' })
      const report = response.ok ? await response.json() : null
      if (this.#request === request) this.#onAnswer(response.status, report)
    } catch {
      if (this.#request === request) this.#listener.onProblem('The server does not answer.')
    }
  }

  /**
   * @param {number} status
   * @param {Report | null} report
   */
  #onAnswer(status, report) {
    if (report !== null) {
      this.#intervalMs = report.intervalMs
      this.#listener.onReport(report)
    } else if (status === 401 || status === 429) this.#listener.onLocked()
    else this.#listener.onProblem(`The server answers with status ${status}.`)
  }
}
