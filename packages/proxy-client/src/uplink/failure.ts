import { ProxyError, printable } from '@swarmway/proxy-protocol'
import { DeniedError } from './greeting.js'
import type { Failure } from './server-choice.js'

/** What a failed attempt means for the next ones. */
export function describeFailure(error: unknown): Failure {
  const isFinal = error instanceof DeniedError ? !error.retry : hasCode(error, 'VERSION_MISMATCH', 'NOT_A_PROXY')
  return { isFinal, retryAfterMs: retryAfterOf(error) }
}

/** What the application is told. */
export function toReason(error: unknown): ProxyError {
  if (error instanceof DeniedError) return error.reason
  if (error instanceof ProxyError) return error
  // It may contain the other side's words, such as the names in a certificate.
  const message = printable(error instanceof Error ? error.message : String(error))
  return new ProxyError('LINK_CLOSED', `could not reach the proxy server: ${message}`, { cause: error })
}

/** An error of any layer, also of the application's `connect`, may say how long to wait. */
function retryAfterOf(error: unknown): number | undefined {
  const { retryAfterMs } = (error ?? {}) as { retryAfterMs?: unknown }
  return typeof retryAfterMs === 'number' ? retryAfterMs : undefined
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof ProxyError && codes.includes(error.code)
}
