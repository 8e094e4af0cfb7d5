import { ProxyError, printable } from '@swarmway/proxy-protocol'
import type { UplinkSettings } from '../../options.js'
import type { Failure } from './server-choice.js'

/**
 * A server that is there, and wants to be left alone for a while. LIMIT is not among them: a server that still knows the
 * session has a place for it.
 */
const BUSY: ReadonlySet<string> = new Set(['AUTH_TIMEOUT', 'RATE_LIMIT', 'SERVER_BUSY'])
/** The longest that we stay away because somebody asks us to. */
const MAX_RETRY_AFTER_MS = 3_600_000
/** A decision about us, which seldom changes within seconds; a client that repeats a wrong password may be locked out. */
const DECISIONS: ReadonlySet<string> = new Set(['AUTH_DENIED', 'HTTP_PROXY_AUTH_REQUIRED', 'VERSION_MISMATCH'])

/** What a failed attempt means for the next ones; `before` is the code of the attempt before at the same server. */
export function describeFailure(reason: ProxyError, before: string | null, settings: UplinkSettings): Failure {
  const { code, retryable, retryAfterMs } = reason
  const isBusy = retryable && (retryAfterMs !== null || BUSY.has(code))
  return { code, isBusy, isFinal: !retryable, waitMs: retryWaitMs(reason, before, settings) }
}

/**
 * Milliseconds for which a server is not tried again after this failure; 0: as long as the backoff says. What the other
 * side asks for is kept, up to an hour, and exceeded by up to a quarter, so that its clients do not come back together.
 * `before` is the code with which the attempt before at the same server failed.
 */
function retryWaitMs(
  error: ProxyError,
  before: string | null,
  { auth, random, reconnectMaxMs }: Pick<UplinkSettings, 'auth' | 'random' | 'reconnectMaxMs'>
): number {
  if (error.retryAfterMs !== null) return Math.min(error.retryAfterMs, MAX_RETRY_AFTER_MS) * (1 + random() / 4)
  if (!DECISIONS.has(error.code)) return 0
  // Credentials expire: a function that is told so can give others at once.
  const mayDiffer = typeof auth === 'function' && error.code === 'AUTH_DENIED' && before !== 'AUTH_DENIED'
  return mayDiffer ? 0 : reconnectMaxMs * (1 - random() / 4)
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
