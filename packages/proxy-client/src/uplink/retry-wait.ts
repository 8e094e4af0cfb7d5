import type { ProxyError } from '@swarmway/proxy-protocol'
import type { UplinkSettings } from '../options.js'

/** The longest that we stay away because somebody asks us to. */
const MAX_RETRY_AFTER_MS = 3_600_000
/** A decision about us, which seldom changes within seconds; a client that repeats a wrong password may be locked out. */
const DECISIONS: ReadonlySet<string> = new Set(['AUTH_DENIED', 'HTTP_PROXY_AUTH_REQUIRED', 'VERSION_MISMATCH'])

/**
 * Milliseconds for which a server is not tried again after this failure; 0: as long as the backoff says. What the other
 * side asks for is kept, up to an hour, and exceeded by up to a quarter, so that its clients do not come back together.
 * `before` is the code with which the attempt before at the same server failed.
 */
export function retryWaitMs(
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
