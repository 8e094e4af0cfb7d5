import { type Clock, systemClock } from '@swarmway/runtime'
import { type Answer, type Port, type Question, type Request, refuse } from './messages.js'

/** Milliseconds in which a page answers, unless it has crashed, is frozen or busy. An attempt has time for several pages. */
const ANSWER_MS = 3000

/** The pages that lend their WebRTC to this worker. */
export class Lenders {
  readonly #clock: Clock
  readonly #ports: Port[] = []
  readonly #waiting = new Set<Request>()
  /** The page that has to answer before the timer fires. */
  #asked: Port | null = null
  #timer: unknown = null

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** A page lends. It says so when that is over. */
  add(port: Port): void {
    port.onmessage = ({ data }: { data: Answer }) => {
      if (data === null) this.#remove(port)
      else this.#onAnswer(port)
    }
    port.addEventListener('close', () => this.#remove(port))
    this.#ports.push(port)
    this.#askLast()
  }

  /** Has the page that came last make a peer connection, or the next one that comes. Returns a function that cancels this. */
  ask(request: Request): () => void {
    this.#waiting.add(request)
    this.#askLast()
    return () => this.#waiting.delete(request)
  }

  /** Asks first, because a request cannot be taken back from a page that does not answer: its port is there. */
  #askLast(): void {
    const port = this.#ports.at(-1)
    if (port === undefined || port === this.#asked || this.#waiting.size === 0) return
    this.#settle()
    this.#asked = port
    this.#timer = this.#clock.setTimeout(() => this.#remove(port), ANSWER_MS)
    const question: Question = 'are you there?'
    port.postMessage(question)
  }

  /** One that answers late lends again, after the others. */
  #onAnswer(port: Port): void {
    if (!this.#ports.includes(port)) this.#ports.unshift(port)
    if (port === this.#asked) this.#settle()
    for (const request of this.#waiting) pass(port, request)
    this.#waiting.clear()
  }

  #remove(port: Port): void {
    const at = this.#ports.indexOf(port)
    if (at >= 0) this.#ports.splice(at, 1)
    if (port === this.#asked) this.#settle()
    this.#askLast()
  }

  #settle(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#asked = null
  }
}

/** A configuration that cannot be copied costs its own request only. */
function pass(port: Port, request: Request): void {
  try {
    port.postMessage(request, [request.port])
  } catch {
    refuse(request.port)
  }
}
