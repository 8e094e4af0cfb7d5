import { ProxyError, type ProxyErrorOptions } from '@swarmway/proxy-protocol'
import { denied } from '../errors.js'

/**
 * Why `authenticate` admits no client, and whether the client should come back. An `Error` with the same properties,
 * thrown or returned, says the same.
 */
export interface AuthDenial {
  readonly denied: true
  /** For the client; at most 1024 bytes. Default: that it was refused. */
  readonly message?: string | undefined
  /**
   * Whether the client tries again. False is final: until its application calls `reconnect`, it opens no more links to
   * this server. Default true: it tries again slowly, with new credentials if its option `auth` is a function.
   */
  readonly retryable?: boolean | undefined
  /** Milliseconds that the client waits before it tries again. Default: it decides. */
  readonly retryAfterMs?: number | undefined
}

/** Whether a result of `authenticate` denies the client. In doubt it does: no grant has these properties. */
export function isDenial(result: object): result is AuthDenial | Error {
  const { denied, retryable, retryAfterMs } = result as Partial<AuthDenial>
  return result instanceof Error || denied === true || retryable !== undefined || retryAfterMs !== undefined
}

/** The error of a denial. What is thrown and has a code of ours keeps it; anything else is `AUTH_DENIED`. */
export function toDenial(reason: unknown): ProxyError {
  if (reason instanceof ProxyError) return reason
  const { message } = Object(reason) as { message?: unknown }
  const text = typeof message === 'string' && message !== '' ? message : 'the server refused the client'
  return denied(text, { cause: reason, ...hintsOf(Object(reason)) })
}

/** The values are those of an application, which may also be written in JavaScript. */
function hintsOf({ retryable, retryAfterMs }: { retryable?: unknown; retryAfterMs?: unknown }): ProxyErrorOptions {
  return { retryable: retryable !== false, retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined }
}
