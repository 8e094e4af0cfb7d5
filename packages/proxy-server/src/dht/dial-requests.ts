import type { Clock } from '@swarmway/proxy-protocol'
import { createAbort } from '../client/abort.js'
import { cancelled, connectionFailed } from '../errors.js'
import type { Owner } from '../fairness/fair-queue.js'
import { type Applicant, Places } from '../fairness/places.js'

/** While others wait, milliseconds that a node has for its answer before its request may be given up. */
const PATIENCE_MS = 500
interface Running {
  readonly beganMs: number
  readonly controller: AbortController
}

/**
 * The requests that dials send to single nodes, of all clients together: a bounded number at once, in turn by network,
 * then by client. The clients name the nodes, and a node that does not answer is asked for four seconds. So while others
 * wait, the oldest requests without an answer are given up.
 */
export class DialRequests {
  readonly #places: Places
  readonly #clock: Clock
  readonly #running = new Set<Running>()
  /**
   * While others wait, milliseconds between two requests that are given up. By then the oldest is twice as old as it has
   * to be: so one that can be given up is always there, and a newcomer hardly waits.
   */
  readonly #giveUpMs: number
  #timer: unknown = null

  constructor(max: number, clock: Clock) {
    this.#places = new Places(max)
    this.#giveUpMs = (2 * PATIENCE_MS) / max
    this.#clock = clock
  }

  /** Number of requests that wait for an answer. */
  get inFlight(): number {
    return this.#places.used
  }

  /** Number of requests that wait for their turn. */
  get queued(): number {
    return this.#places.waiting
  }

  /**
   * Sends a request when it is the client's turn; the request ends when its signal fires. Rejects with `ABORTED` if
   * `signal` fires, with `PEER_CONNECTION_FAILED` if the request was given up, or as the request does.
   */
  async run<T>(owner: Owner, signal: AbortSignal, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const place = await this.#takePlace(owner, signal)
    const running = { beganMs: this.#clock.now(), controller: createAbort() }
    const stop = (): void => running.controller.abort(cancelled('the dial'))
    signal.addEventListener('abort', stop, { once: true })
    // The dial may have ended between its turn and this line, and a request in vain takes a place for seconds.
    if (signal.aborted) stop()
    this.#running.add(running)
    try {
      return await unlessAborted(running.controller.signal, request)
    } finally {
      signal.removeEventListener('abort', stop)
      this.#running.delete(running)
      // Clients that name silent nodes come after those that do not.
      this.#places.rate(owner, this.#clock.now() - running.beganMs >= PATIENCE_MS)
      this.#places.release(place)
    }
  }

  #takePlace(owner: Owner, signal: AbortSignal): Promise<Applicant> {
    return this.#places.take(owner, signal, 'the dial', () => {
      if (this.#places.isAhead(owner)) this.#giveUpOldest()
      this.#watch()
    })
  }

  /** Gives up the oldest request now and then, as long as any waits. */
  #watch(): void {
    if (this.#timer !== null || this.queued === 0) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null
      if (this.queued > 0) this.#giveUpOldest()
      this.#watch()
    }, this.#giveUpMs)
  }

  #giveUpOldest(): void {
    const oldest = [...this.#running].find(({ controller }) => !controller.signal.aborted)
    if (oldest !== undefined && this.#clock.now() - oldest.beganMs >= PATIENCE_MS)
      oldest.controller.abort(connectionFailed('the node did not answer in time'))
  }
}

/** Settles as the task does, or rejects with the signal's reason. */
function unlessAborted<T>(signal: AbortSignal, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    task(signal).then(resolve, reject)
  })
}
