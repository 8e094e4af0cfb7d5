import type { Port, Request } from './messages.js'

/** Most requests that wait for a page. As many as a swarm has direct paths. */
const MAX_WAITING = 128

/** The pages that lend their WebRTC to this worker. */
export class Lenders {
  readonly #ports: Port[] = []
  readonly #waiting: Request[] = []

  /** A page lends. It says so when that is over. */
  add(port: Port): void {
    const remove = () => {
      const at = this.#ports.indexOf(port)
      if (at >= 0) this.#ports.splice(at, 1)
    }
    port.onmessage = remove
    port.addEventListener('close', remove)
    this.#ports.push(port)
    for (const request of this.#waiting.splice(0)) this.ask(request)
  }

  /** Has the page that came last make a peer connection, or the next one that comes. */
  ask(request: Request): void {
    const port = this.#ports.at(-1)
    if (port !== undefined) port.postMessage(request, [request.port])
    else if (this.#waiting.push(request) > MAX_WAITING) this.#waiting.shift()
  }
}
