import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '@swarmway/swarm/core'
import { Attempts } from './attempts.js'

/**
 * The result of a check. `limited`: the token is wrong, and too many wrong ones came from that address. `foreign`:
 * the page has no token, and the request is refused, see `isNamedByAddress`.
 */
export type Verdict = 'right' | 'wrong' | 'missing' | 'limited' | 'foreign'

/**
 * Decides which requests may see the page. A token is exchanged for a cookie that is derived from the token but does
 * not contain it, so the cookie stays valid after a restart of the server. Browsers send cookies to every port of a
 * host, so the cookie's name is derived from the token as well: two servers on one host do not overwrite each other's
 * cookie.
 */
export class Access {
  readonly #token: string | null
  readonly #cookieName: string
  readonly #cookieValue: string
  readonly #attempts: Attempts

  constructor(token: string | null, clock: Clock) {
    this.#token = token
    this.#attempts = new Attempts(clock)
    this.#cookieName = `swarmway_status_${derive(token ?? '', 'name').slice(0, 8)}`
    this.#cookieValue = derive(token ?? '', 'value')
  }

  /** Seconds until the client's address may try another token; 0: now. */
  waitSeconds({ socket }: IncomingMessage): number {
    return this.#attempts.waitSeconds(socket.remoteAddress)
  }

  /** Whether the request may see the figures, judged by its cookie or its header. */
  judge(request: IncomingMessage): Verdict {
    if (this.#token === null) return isNamedByAddress(request) ? 'right' : 'foreign'
    if (this.#hasCookie(request)) return 'right'
    const [, bearer] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? []
    return bearer === undefined ? 'missing' : this.try(bearer, request)
  }

  /**
   * Checks a token. Wrong tokens count against the address that sent them. The right token always opens the page,
   * whatever came before it: otherwise wrong ones could lock out its owner, even from behind the same address.
   */
  try(token: string, { socket }: IncomingMessage): Verdict {
    if (this.#token === null || isSame(token, this.#token)) return 'right'
    return this.#attempts.count(socket.remoteAddress) ? 'wrong' : 'limited'
  }

  /**
   * The header that sets the cookie. Without a path, the cookie applies to the page's location as the browser sees
   * it.
   */
  setCookie(request: IncomingMessage): string {
    const isSecure = (request.socket as TLSSocket).encrypted || request.headers['x-forwarded-proto'] === 'https'
    return `${this.#cookieName}=${this.#cookieValue}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
  }

  #hasCookie({ headers }: IncomingMessage): boolean {
    const prefix = `${this.#cookieName}=`
    const cookie = (headers.cookie ?? '').split(/; */).find((one) => one.startsWith(prefix))
    return cookie !== undefined && isSame(cookie.slice(prefix.length), this.#cookieValue)
  }
}

/**
 * A website can point its own name at a machine in the visitor's network, and then read what only that network may
 * see (DNS rebinding). It cannot do so with an IP address instead of a name, nor with localhost.
 */
export function isNamedByAddress({ headers }: IncomingMessage): boolean {
  const name = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return name.toLowerCase() === 'localhost' || isIP(name) !== 0
}

function derive(token: string, purpose: string): string {
  return createHmac('sha256', token).update(`swarmway status page, cookie's ${purpose}`).digest('hex')
}

/** Compares in constant time, however similar the strings are. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b))
}

function digest(text: string): Buffer {
  return createHmac('sha256', 'compare').update(text).digest()
}
