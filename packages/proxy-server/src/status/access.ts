import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '@swarmway/swarm/core'
import { Attempts } from './attempts.js'

/**
 * What comes of a token: `limited` ones are wrong as well, and there were too many from there. `foreign` is a request
 * where there is no token, see `isNamedByAddress`.
 */
export type Verdict = 'right' | 'wrong' | 'missing' | 'limited' | 'foreign'

/**
 * Who may see the page. A token is exchanged for a cookie, which is made from the token, so that it still holds after a
 * restart of the server, but does not contain it. Cookies are sent to every port of a host: its name is made from the token as
 * well, so that two servers on one host do not take each other's place.
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

  /** Seconds until another token may be tried from there; 0: now. */
  waitSeconds({ socket }: IncomingMessage): number {
    return this.#attempts.waitSeconds(socket.remoteAddress)
  }

  /** Whether the request may see figures, by its cookie or its header. */
  judge(request: IncomingMessage): Verdict {
    if (this.#token === null) return isNamedByAddress(request) ? 'right' : 'foreign'
    if (this.#hasCookie(request)) return 'right'
    const [, bearer] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? []
    return bearer === undefined ? 'missing' : this.try(bearer, request)
  }

  /**
   * Whether this is the token. Wrong ones count for the address they come from; the right one always opens, whatever
   * came before it: wrong ones could else keep out who has it, from behind the same address too.
   */
  try(token: string, { socket }: IncomingMessage): Verdict {
    if (this.#token === null || isSame(token, this.#token)) return 'right'
    return this.#attempts.count(socket.remoteAddress) ? 'wrong' : 'limited'
  }

  /** The header that hands out the cookie. Without a path it holds where the page is, as the browser sees it. */
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
 * A website can give a name of its own the address of a machine in the visitor's network, and then read what only that
 * network may. It cannot do so with an address in place of a name, nor with localhost.
 */
export function isNamedByAddress({ headers }: IncomingMessage): boolean {
  const name = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return name.toLowerCase() === 'localhost' || isIP(name) !== 0
}

function derive(token: string, purpose: string): string {
  return createHmac('sha256', token).update(`swarmway status page, cookie's ${purpose}`).digest('hex')
}

/** Takes as long for any two strings, however alike they are. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b))
}

function digest(text: string): Buffer {
  return createHmac('sha256', 'compare').update(text).digest()
}
