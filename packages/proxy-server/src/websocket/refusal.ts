import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** Why an upgrade is refused. */
export interface Refusal {
  readonly status: number
  /** Seconds, for the header Retry-After. */
  readonly retryAfter?: number
}

/** It is not HTTP. */
export const BAD_REQUEST: Refusal = { status: 400 }
/** The path is not ours. */
export const NOT_HERE: Refusal = { status: 404 }
/** Pages of this origin may not connect. */
export const WRONG_ORIGIN: Refusal = { status: 403 }
/** All places are taken. */
export const FULL: Refusal = { status: 503, retryAfter: 5 }
/** The network of the client has as many places as it may have. */
export const TOO_MANY: Refusal = { status: 429, retryAfter: 5 }
/** The server is stopping. Behind a load balancer, the next request goes to another. */
export const DRAINING: Refusal = { status: 503, retryAfter: 1 }

/** A page does not learn the status of a refusal: for it, a link that is opened and then denied with a code is better. */
export function seesStatus({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined
}

/** Does not wait for the other side to hang up: it need not. */
export function refuse(socket: Duplex, { retryAfter, status }: Refusal): void {
  const wait = retryAfter === undefined ? '' : `Retry-After: ${retryAfter}\r\n`
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${wait}Connection: close\r\nContent-Length: 0\r\n\r\n`)
}
