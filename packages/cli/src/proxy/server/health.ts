import type { IncomingMessage, ServerResponse } from 'node:http'

/** Whether this server accepts more clients. */
export class Health {
  /** It is about to stop. */
  isDraining = false

  /** Answers 200, or 503 while draining: load balancers then send clients elsewhere. */
  answer(response: ServerResponse): void {
    const status = this.isDraining ? 'draining' : 'ok'
    // The next check should use a new connection: this one may be closed just then.
    if (this.isDraining) response.setHeader('connection', 'close')
    response.writeHead(this.isDraining ? 503 : 200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(`${JSON.stringify({ status })}\n`)
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
