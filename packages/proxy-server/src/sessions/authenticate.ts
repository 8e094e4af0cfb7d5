import { type Clock, type ProxyError, withoutStack } from '@swarmway/proxy-protocol'
import type { ClientRequest } from '../client/client-request.js'
import { denied } from '../errors.js'
import type { ClientLimits } from '../limits.js'
import { type AuthDenial, isDenial, toDenial } from './denial.js'

/** What is known about a client before it is admitted. */
export interface ClientHello {
  /** The client's credentials; at most 8 KiB. */
  readonly auth: Uint8Array
  /** The client's own description of itself; at most 255 bytes, not trustworthy. */
  readonly userAgent: string
  /** The client's address, as passed to `handleStream`. */
  readonly remoteAddress: string | null
  /**
   * The HTTP request of the WebSocket's upgrade, or what was passed to `handleStream`; null if there was none. Its
   * addresses are the client's words: `remoteAddress` is the one to trust.
   */
  readonly request: ClientRequest | null
  /** Whether the client asks to resume a session. Its token is checked afterwards. */
  readonly resumed: boolean
}

/** What an admitted client is allowed to do. */
export interface AuthGrant {
  /**
   * Limits of this client, which override the server's. Fixed for the session: a later link does not change them.
   * Default: the server's.
   */
  limits?: Partial<ClientLimits>
  /**
   * Whether the client may look up, announce and watch a topic. Throwing denies it with `AUTH_DENIED` and the error's
   * message. Default: any topic is allowed. Deadline: `authTimeoutMs`. When a later link resumes the session, that
   * link's function is called for all topics in use, and those that it does not allow end.
   */
  allowTopic?: (topic: Uint8Array) => boolean | Promise<boolean>
  /** Kept as `session.userData`. Default: undefined. */
  userData?: unknown
}

/** True or a grant admits the client, false or a denial denies it. */
export type AuthResult = boolean | AuthGrant | AuthDenial

/**
 * Decides about every link, including one that resumes a session. Returning false or an {@link AuthDenial} denies the
 * link with `AUTH_DENIED`, and so does throwing: the client gets the error's message, `retryable` and `retryAfterMs`,
 * and the event `denied` has the error as its `cause`. A client tries again unless `retryable` is false. Taking longer
 * than `authTimeoutMs` denies it with `AUTH_TIMEOUT`.
 */
export type Authenticate = (hello: ClientHello) => AuthResult | Promise<AuthResult>

/** The grant of a client without restrictions. */
export const ALL_ALLOWED: AuthGrant = Object.freeze({})

/** Limits the time of a decision. */
export interface Patience {
  readonly clock: Clock
  readonly timeoutMs: number
  /** Resolves when the decision is no longer needed. */
  readonly gone?: Promise<ProxyError>
}

/** Calls `authenticate`. Rejects with a `ProxyError` if the client is denied. */
export async function authenticate(
  ask: Authenticate | undefined,
  hello: ClientHello,
  patience: Patience
): Promise<AuthGrant> {
  if (ask === undefined) return ALL_ALLOWED
  const result = await withDeadline(() => ask(hello), patience)
  if (result === true) return ALL_ALLOWED
  // A function that returns nothing admits no client.
  if (typeof result !== 'object' || result === null || isDenial(result)) throw toDenial(result)
  return result
}

/** Checks that a topic is allowed. Rejects with a `ProxyError` if not. */
export async function assertAllowed(grant: AuthGrant, topic: Uint8Array, patience: Patience): Promise<void> {
  const { allowTopic } = grant
  if (allowTopic === undefined) return
  if ((await withDeadline(() => allowTopic(topic), patience)) !== true)
    throw denied('this client may not use this topic')
}

async function withDeadline<T>(ask: () => T | Promise<T>, { clock, gone, timeoutMs }: Patience): Promise<T> {
  let timer: unknown = null
  const late = new Promise<never>((_, reject) => {
    const error = withoutStack('AUTH_TIMEOUT', `the server did not decide within ${timeoutMs} ms`)
    timer = clock.setTimeout(() => reject(error), timeoutMs)
    void gone?.then(reject)
  })
  try {
    return await Promise.race([Promise.resolve().then(ask), late])
  } catch (error) {
    throw toDenial(error)
  } finally {
    clock.clearTimeout(timer)
  }
}
