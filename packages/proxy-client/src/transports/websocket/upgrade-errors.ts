import { type IncomingHttpHeaders, STATUS_CODES } from 'node:http'
import { ProxyError, printable } from '@swarmway/proxy-protocol'
import { codeOf, systemWallClock } from '@swarmway/runtime'
import type { ConnectAnswer } from './http-proxy.js'
import { upgradeCode } from './upgrade-codes.js'

/** An answer over HTTP. */
interface HttpAnswer {
  readonly statusCode?: number | undefined
  readonly headers: IncomingHttpHeaders
}

/** Why a server, or what is in front of it, did not open the WebSocket. */
export function upgradeRefused({ headers, statusCode = 0 }: HttpAnswer): ProxyError {
  const target = headers.location === undefined ? '' : `, to ${headers.location}`
  const message = `the WebSocket upgrade was answered with ${shownStatus(statusCode)}${printable(target)}`
  return new ProxyError(upgradeCode(statusCode), message, { remote: true, retryAfterMs: retryAfterMs(headers) })
}

/** Why an HTTP proxy did not connect us; null if it did. */
export function tunnelRefused(answer: ConnectAnswer | null, proxy: string): ProxyError | null {
  if (answer === null || answer.statusCode === 200) return null
  const { headers, statusCode } = answer
  const code = statusCode === 407 ? 'HTTP_PROXY_AUTH_REQUIRED' : 'HTTP_PROXY_REFUSED'
  const message = `the HTTP proxy ${proxy} did not connect us to the server: ${shownStatus(statusCode)}`
  return new ProxyError(code, message, { remote: true, retryAfterMs: retryAfterMs(headers) })
}

/** The HTTP proxy did not answer (`HTTP_PROXY_UNREACHABLE`). */
export function tunnelUnreachable(proxy: string, cause: unknown): ProxyError {
  const reason = printable(cause instanceof Error ? cause.message : String(cause))
  return new ProxyError('HTTP_PROXY_UNREACHABLE', `the HTTP proxy ${proxy} could not be reached: ${reason}`, { cause })
}

/** A code for what Node's HTTP parser says of an answer that is not HTTP; null if it is about something else. */
export function notHttp(error: unknown): ProxyError | null {
  if (!codeOf(error).startsWith('HPE_')) return null
  return new ProxyError('NOT_A_PROXY', 'the other end does not speak HTTP', { cause: error })
}

function shownStatus(status: number): string {
  const name = STATUS_CODES[status]
  return name === undefined ? String(status) : `${status} ${name}`
}

/** Seconds, or a date: by the clock of the server that names it, if it says what time it is. */
function retryAfterMs({ date, 'retry-after': value }: IncomingHttpHeaders): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const until = Date.parse(value)
  if (Number.isNaN(until)) return undefined
  const said = Date.parse(date ?? '')
  return Math.max(0, until - (Number.isNaN(said) ? systemWallClock.now() : said))
}
