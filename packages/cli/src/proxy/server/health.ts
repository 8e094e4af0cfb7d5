import type { IncomingMessage, ServerResponse } from 'node:http'

/** The state of the DHT, in a word. */
export type DhtWord = 'online' | 'offline' | 'off'

/** Whether this server accepts more clients. */
export class Health {
  /** It is about to stop. */
  isDraining = false
  /** Whether the DHT answers: `online`, `offline`, or `off` without one. Undefined if that is not known here. */
  readonly #dht: () => DhtWord | undefined

  /** Whether this port serves the page that receives files: then a sender shows a link to it. */
  readonly #hasSite: boolean

  constructor(dht: () => DhtWord | undefined = () => undefined, hasSite = false) {
    this.#dht = dht
    this.#hasSite = hasSite
  }

  /**
   * Answers 200, or 503 while draining: load balancers then send clients elsewhere. A DHT that does not answer is reported
   * and no reason to: clients of this server still find each other, and another server would not do better.
   */
  answer(response: ServerResponse): void {
    const status = this.isDraining ? 'draining' : 'ok'
    // The next check should use a new connection: this one may be closed just then.
    if (this.isDraining) response.setHeader('connection', 'close')
    response.writeHead(this.isDraining ? 503 : 200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(`${JSON.stringify({ status, dht: this.#dht(), site: this.#hasSite || undefined })}\n`)
  }
}

/** Answers with a line of text. */
export function answerText(response: ServerResponse, status: number, text: string, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers })
  response.end(`${text}\n`)
}

/** The path of a request, without its query. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?')[0] ?? '/'
}
