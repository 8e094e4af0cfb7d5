export { codeOf } from '@swarmway/runtime'

/** Every code that a {@link SwarmError} or an argument error of this package can carry. See docs/errors.md. */
export type SwarmErrorCode =
  | 'INVALID_ARGUMENT'
  | 'DESTROYED'
  | 'SUSPENDED'
  | 'ABORTED'
  | 'BANNED'
  | 'SELF'
  | 'DIAL_FAILED'
  | 'DIAL_TIMEOUT'
  | 'DUPLICATE'
  | 'CANCELLED'
  | 'CONNECTION_CLOSED'
  | 'ECONNRESET'
  | 'ETIMEDOUT'
  | 'NO_ANSWER'
  | 'BUFFER_LIMIT'
  | 'FIREWALLED'
  | 'REMOTE_FULL'
  | 'KEY_IN_USE'
  | 'NOT_A_MEMBER'
  | 'MEMBERSHIP_INVALID'
  | 'HANDSHAKE_MALFORMED'
  | 'HANDSHAKE_INVALID'
  | 'PATH_VIOLATION'
  | 'PATH_STALLED'
  | 'UNSUPPORTED_RUNTIME'

/** The error class of this package. Branch on `code`, never on the message. */
export class SwarmError extends Error {
  override readonly name = 'SwarmError'
  /** Stable; listed in docs/errors.md. */
  readonly code: SwarmErrorCode

  constructor(code: SwarmErrorCode, message: string, options?: { cause?: unknown }) {
    super(`${code}: ${message}`, options)
    this.code = code
  }
}

/** The swarm is no longer usable. */
export function swarmDestroyed(): SwarmError {
  return new SwarmError('DESTROYED', 'the swarm was destroyed; make a new one')
}

/** A `TypeError` that names the argument or option, with `code` `INVALID_ARGUMENT`. */
export function invalidArgument(name: string, expected: string, got: unknown): TypeError & { code: SwarmErrorCode } {
  const error = new TypeError(`${name} must be ${expected}, got ${describe(got)}`)
  return Object.assign(error, { code: 'INVALID_ARGUMENT' as const })
}

function describe(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}
