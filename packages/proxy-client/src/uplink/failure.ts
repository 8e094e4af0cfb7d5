import { ProxyError, printable } from '@swarmway/proxy-protocol'
import type { UplinkSettings } from '../options.js'
import { retryWaitMs } from './retry-wait.js'
import type { Failure } from './server-choice.js'

/**
 * A server that is there, and wants to be left alone for a while. LIMIT is not among them: a server that still knows the
 * session has a place for it.
 */
const BUSY: ReadonlySet<string> = new Set(['AUTH_TIMEOUT', 'RATE_LIMIT', 'SERVER_BUSY'])

/** What a failed attempt means for the next ones; `before` is the code of the attempt before at the same server. */
export function describeFailure(reason: ProxyError, before: string | null, settings: UplinkSettings): Failure {
  const { code, retryable, retryAfterMs } = reason
  const isBusy = retryable && (retryAfterMs !== null || BUSY.has(code))
  return { code, isBusy, isFinal: !retryable, waitMs: retryWaitMs(reason, before, settings) }
}

/** What the application is told. */
export function toReason(error: unknown): ProxyError {
  if (error instanceof ProxyError) return error
  // It may contain the other side's words, such as the names in a certificate.
  const message = printable(error instanceof Error ? error.message : String(error))
  const retryAfterMs = retryAfterOf(error)
  return new ProxyError('LINK_CLOSED', `could not reach the proxy server: ${message}`, {
    cause: error,
    ...(retryAfterMs !== null && { retryAfterMs })
  })
}

/** An error of any layer, also of the application's `connect`, may say how long to wait. */
function retryAfterOf(error: unknown): number | null {
  const { retryAfterMs } = (error ?? {}) as { retryAfterMs?: unknown }
  return typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : null
}
