import { printable } from '@swarmway/runtime'

/**
 * The codes that travel on the wire, by number. A released number keeps its meaning for ever; new codes are added at
 * the end. Number 0 is not in the table: it announces a code that is spelled out (see `error-codec.ts`).
 */
export const WIRE_CODES = {
  /** The other end of the duplex does not speak this protocol at all. */
  NOT_A_PROXY: 1,
  /** The other end speaks a version of the protocol that this side does not know. */
  VERSION_MISMATCH: 2,
  /** The peer broke a rule of the protocol; its session is closed. */
  PROTOCOL_ERROR: 3,
  /** A frame announced zero bytes or more than allowed. */
  FRAME_TOO_LARGE: 4,
  /** A count or size limit refused this request or stream. */
  LIMIT: 5,
  /** Too many requests, streams or notifications per second. */
  RATE_LIMIT: 6,
  /** Too much is waiting to be sent or acknowledged. */
  BUFFER_LIMIT: 7,
  /** The server's authentication refused the client. */
  AUTH_DENIED: 8,
  /** Authentication did not finish before its deadline. */
  AUTH_TIMEOUT: 9,
  /** The session's grace period ran out while it had no link. */
  SESSION_EXPIRED: 10,
  /** The server does not know a session with that id and token. */
  SESSION_UNKNOWN: 11,
  /** Nothing arrived on the link for too long. */
  LINK_TIMEOUT: 12,
  /** The duplex under the link ended or failed. */
  LINK_CLOSED: 13,
  /** The server is shutting down. */
  SERVER_CLOSING: 14,
  /** The other end of a stream destroyed it. */
  STREAM_RESET: 15,
  /** No response arrived within the request's deadline. */
  REQUEST_TIMEOUT: 16,
  /** This session, link or stream was destroyed by its owner. */
  DESTROYED: 17,
  /** The request's abort signal fired. */
  ABORTED: 18,
  /** A handler failed; the peer learns no details. */
  INTERNAL: 19,
  /** The handler could not understand the request. */
  BAD_REQUEST: 20,
  /** The thing requested does not exist. */
  NOT_FOUND: 21,
  /** A newer session has proved that it holds the key. */
  KEY_TAKEN: 22,
  /** The proof for a key names a server other than the one that received it. */
  WRONG_SERVER: 23,
  /** The server's operator has ended the session. The client may come back after `CUT_OFF_PAUSE_MS`. */
  CUT_OFF: 24
} as const

/** Milliseconds that a client stays away after `CUT_OFF`. */
export const CUT_OFF_PAUSE_MS = 60_000

/** A code of the table above. */
export type KnownErrorCode = keyof typeof WIRE_CODES

/** Any code: one from the table, or an application's own (`/^[A-Z][A-Z0-9_]{0,63}$/`), which travels spelled out. */
export type ErrorCode = KnownErrorCode | (string & Record<never, never>)

const CODE_PATTERN = /^[A-Z][A-Z0-9_]{0,63}$/

const NAMES: ReadonlyMap<number, KnownErrorCode> = new Map(
  Object.entries(WIRE_CODES).map(([name, number]) => [number, name as KnownErrorCode])
)

/** The string code of a wire number, or `undefined` for a number that this version does not know. */
export function codeOfNumber(number: number): KnownErrorCode | undefined {
  return NAMES.get(number)
}

/** The wire number of a code; 0 for a code outside the table. */
export function numberOfCode(code: string): number {
  return Object.hasOwn(WIRE_CODES, code) ? WIRE_CODES[code as KnownErrorCode] : 0
}

/** Whether a string may travel as a code. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && CODE_PATTERN.test(value)
}

/** Further properties of an error. */
export interface ProxyErrorOptions {
  /** The cause of this error on this side. Never sent to the peer. */
  cause?: unknown
  /** The other side made the error, and it arrived on the wire. Default false. */
  remote?: boolean
  /** Whether a later attempt may succeed. Default true. */
  retryable?: boolean
  /** Milliseconds before which a later attempt is in vain, 0 or more; anything else is ignored. Default: unknown. */
  retryAfterMs?: number | undefined
}

/** The protocol's only error class. Branch on `code`, never on the message. */
export class ProxyError extends Error {
  /** Stable; see {@link WIRE_CODES}. */
  readonly code: ErrorCode
  /** True when the other side reported the error, false when this side detected it. */
  readonly remote: boolean
  /** Whether to try again after a link was refused or has failed. False only if the other side has said so. */
  readonly retryable: boolean
  /** Milliseconds for which the other side asks not to be tried again; null if it did not say. */
  readonly retryAfterMs: number | null

  /** An error with a code; the factories below show which code belongs to which situation. */
  constructor(code: ErrorCode, message: string, options: ProxyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ProxyError'
    this.code = code
    this.remote = options.remote ?? false
    this.retryable = options.retryable ?? true
    const { retryAfterMs } = options
    this.retryAfterMs = typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : null
  }
}

/**
 * An error about what the other side has done. It has no stack: to capture one takes ten times as long as the rest of a
 * refusal, and a stranger who is refused may ask again at once.
 */
export function withoutStack(code: ErrorCode, message: string, options: ProxyErrorOptions = {}): ProxyError {
  const limit: unknown = Reflect.get(Error, 'stackTraceLimit')
  // Unlike an assignment, `Reflect.set` does not throw where the built-in objects are frozen.
  Reflect.set(Error, 'stackTraceLimit', 0)
  const error = new ProxyError(code, message, options)
  Reflect.set(Error, 'stackTraceLimit', limit)
  return error
}

/** The peer broke a rule (`PROTOCOL_ERROR`). */
export function protocolError(message: string): ProxyError {
  return withoutStack('PROTOCOL_ERROR', message)
}

/** The other end does not speak the protocol (`NOT_A_PROXY`). */
export function notAProxy(message = 'the other end does not speak the Swarmway proxy protocol'): ProxyError {
  return withoutStack('NOT_A_PROXY', message)
}

/** The other end speaks another version (`VERSION_MISMATCH`). */
export function versionMismatch(theirs: number, ours: number): ProxyError {
  return withoutStack('VERSION_MISMATCH', `the peer speaks protocol version ${theirs}, this side version ${ours}`)
}

/** A frame header announced an unacceptable length (`FRAME_TOO_LARGE`). */
export function frameTooLarge(length: number, limit: number): ProxyError {
  return withoutStack('FRAME_TOO_LARGE', `a frame of ${length} bytes; allowed are 1 to ${limit}`)
}

/** One request or stream is refused because a limit is reached (`LIMIT`). */
export function limitReached(what: string, limit: number): ProxyError {
  return withoutStack('LIMIT', `${what}: the limit is ${limit}`)
}

/** Too much per second (`RATE_LIMIT`). */
export function rateLimited(what: string, limit: number): ProxyError {
  return withoutStack('RATE_LIMIT', `${what}: the limit is ${limit} per second`)
}

/** Too much is waiting (`BUFFER_LIMIT`). */
export function bufferLimit(what: string, limit: number): ProxyError {
  return withoutStack('BUFFER_LIMIT', `${what}: more than ${limit} bytes are waiting`)
}

/** Silence on the link (`LINK_TIMEOUT`). */
export function linkTimeout(ms: number): ProxyError {
  return withoutStack('LINK_TIMEOUT', `nothing arrived on the link for about ${ms} ms`)
}

/** The duplex is gone (`LINK_CLOSED`). */
export function linkClosed(message: string, cause?: unknown): ProxyError {
  return withoutStack('LINK_CLOSED', message, { cause })
}

/** The duplex emitted an error (keeps the code of a `ProxyError`, otherwise `LINK_CLOSED`). */
export function duplexFailed(error: unknown): ProxyError {
  if (error instanceof ProxyError) return error
  return linkClosed(`the duplex failed: ${printable(error instanceof Error ? error.message : String(error))}`, error)
}

/** The owner destroyed it (`DESTROYED`). */
export function destroyed(what: string): ProxyError {
  return new ProxyError('DESTROYED', `${what} was destroyed`)
}

/** No response in time (`REQUEST_TIMEOUT`). */
export function requestTimeout(ms: number): ProxyError {
  return new ProxyError('REQUEST_TIMEOUT', `no response within ${ms} ms`)
}

/** The caller's signal fired (`ABORTED`). */
export function aborted(reason: unknown): ProxyError {
  return new ProxyError('ABORTED', 'the request was aborted', { cause: reason })
}

/** A handler on this side failed (`INTERNAL`); the cause stays on this side, and the peer learns only the code. */
export function internalError(cause: unknown): ProxyError {
  return new ProxyError('INTERNAL', 'internal error', { cause })
}

/**
 * Converts any thrown value to a `ProxyError`: a `ProxyError` is returned as it is, anything else becomes `INTERNAL`
 * with the value as its cause.
 */
export function toProxyError(value: unknown): ProxyError {
  return value instanceof ProxyError ? value : internalError(value)
}
