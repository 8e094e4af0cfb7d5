import { type Clock, ProxyError } from '@swarmway/proxy-protocol'
import { denied } from '../errors.js'
import type { ClientLimits } from '../limits.js'

/** What is known of a client that wants in. */
export interface ClientHello {
  /** What the client sent for this purpose; at most 8 KiB. */
  readonly auth: Uint8Array
  /** What it calls itself; at most 255 bytes, not to be believed. */
  readonly userAgent: string
  /** Where it comes from, as `handleStream` was told. */
  readonly remoteAddress: string | null
  /** It wants to go on with a session. Its token is checked afterwards. */
  readonly resumed: boolean
}

/** What a client that may come in is allowed. */
export interface AuthGrant {
  /** Limits of this client, over those of the server. Fixed for the session: a later link does not change them. Default: the server's. */
  limits?: Partial<ClientLimits>
  /**
   * Whether the client may look up, announce and watch a topic. Throwing denies it: the client is told the error's message,
   * with `AUTH_DENIED`. Default: any. Deadline: `authTimeoutMs`. When a later link resumes the session, that link's
   * function is asked about all topics that are in use, and those that it does not allow end.
   */
  allowTopic?: (topic: Uint8Array) => boolean | Promise<boolean>
  /** Kept as `session.userData`. Default: undefined. */
  userData?: unknown
}

/** True or a grant lets the client in, false does not. */
export type AuthResult = boolean | AuthGrant

/**
 * Decides about every link, also one that goes on with a session. False, or throwing (the client is told the error's
 * message, and the event `denied` has the error as its `cause`), denies it with `AUTH_DENIED`; taking longer than `authTimeoutMs` denies it with `AUTH_TIMEOUT`.
 */
export type Authenticate = (hello: ClientHello) => AuthResult | Promise<AuthResult>

/** The grant of a client that nothing is said about. */
export const ALL_ALLOWED: AuthGrant = Object.freeze({})

/** How long a decision may take. */
export interface Patience {
  readonly clock: Clock
  readonly timeoutMs: number
  /** Resolves when nobody waits for the decision any more. */
  readonly gone?: Promise<ProxyError>
}

/** Asks `authenticate`. Rejects with a `ProxyError`. */
export async function authenticate(
  ask: Authenticate | undefined,
  hello: ClientHello,
  patience: Patience
): Promise<AuthGrant> {
  if (ask === undefined) return ALL_ALLOWED
  const result = await withDeadline(() => ask(hello), patience)
  if (typeof result === 'object' && result !== null) return result
  // A function that forgets to answer lets nobody in.
  if (result !== true) throw denied('this server does not let the client in')
  return ALL_ALLOWED
}

/** Asks whether a topic is allowed. Rejects with a `ProxyError` if not. */
export async function assertAllowed(grant: AuthGrant, topic: Uint8Array, patience: Patience): Promise<void> {
  const { allowTopic } = grant
  if (allowTopic === undefined) return
  if ((await withDeadline(() => allowTopic(topic), patience)) !== true)
    throw denied('this client may not use this topic')
}

async function withDeadline<T>(ask: () => T | Promise<T>, { clock, gone, timeoutMs }: Patience): Promise<T> {
  let timer: unknown = null
  const late = new Promise<never>((_, reject) => {
    const error = new ProxyError('AUTH_TIMEOUT', `the server did not decide within ${timeoutMs} ms`)
    timer = clock.setTimeout(() => reject(error), timeoutMs)
    void gone?.then(reject)
  })
  try {
    return await Promise.race([Promise.resolve().then(ask), late])
  } catch (error) {
    throw error instanceof ProxyError ? error : denied(error instanceof Error ? error.message : 'denied', error)
  } finally {
    clock.clearTimeout(timer)
  }
}
