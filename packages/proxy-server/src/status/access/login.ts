import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, send } from '../http/answer.js'
import { FORWARD_PAGE, loginPage } from '../http/html.js'
import { readBody } from '../http/read-body.js'
import type { Access, Verdict } from './access.js'

const FOREIGN = 'Without a token, this page opens only by IP address or as localhost. Set a token to use a name.\n'

/** Admits visitors with the token, and tells others what is missing. */
export class Login {
  readonly #access: Access

  constructor(access: Access) {
    this.#access = access
  }

  /** Whether the request may see the figures; if not, it has been answered. */
  admits(request: IncomingMessage, response: ServerResponse): boolean {
    const verdict = this.#access.judge(request)
    if (verdict === 'right') return true
    if (verdict === 'foreign') send(response, { status: 403, body: FOREIGN })
    else send(response, this.#refusal(verdict, request, verdict === 'missing' ? 'Enter the token.' : undefined))
    return false
  }

  /** Handles a link that contains the token. */
  enter(request: IncomingMessage, response: ServerResponse, token: string): void {
    const verdict = this.#access.try(token, request)
    if (verdict !== 'right') send(response, this.#refusal(verdict, request))
    // A redirect would not do: a browser that comes from a link on another site would follow it without the new
    // cookie.
    else
      send(response, { type: 'html', body: FORWARD_PAGE, headers: { 'set-cookie': this.#access.setCookie(request) } })
  }

  /** Handles the login form. */
  async login(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = await readForm(request)
    if (form === null) {
      send(response, { status: 400, body: 'Send the login form.\n', headers: { connection: 'close' } })
      return
    }
    const verdict = this.#access.try(form.get('token') ?? '', request)
    if (verdict !== 'right') send(response, this.#refusal(verdict, request))
    else send(response, { status: 303, headers: { location: './', 'set-cookie': this.#access.setCookie(request) } })
  }

  #refusal(verdict: Verdict, request: IncomingMessage, text = 'Wrong token.'): Answer {
    if (verdict !== 'limited')
      return { status: 401, type: 'html', body: loginPage(text), headers: { 'www-authenticate': 'Bearer' } }
    const waitSeconds = this.#access.waitSeconds(request)
    const body = loginPage(`Too many wrong tokens. Try again in ${waitSeconds} s.`)
    return { status: 429, type: 'html', body, headers: { 'retry-after': waitSeconds } }
  }
}

const MAX_FORM_BYTES = 2048

/**
 * Reads the fields of a submitted form. Returns null, without reading the body, if it is not a form or is too large.
 */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | null> {
  const { 'content-type': type = '' } = request.headers
  if (!type.startsWith('application/x-www-form-urlencoded')) return null
  const body = await readBody(request, MAX_FORM_BYTES)
  return body === null ? null : new URLSearchParams(body)
}
