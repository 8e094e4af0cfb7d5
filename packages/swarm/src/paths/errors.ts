import { SwarmError } from '../errors.js'

/** The peer sent on a path what no peer that follows the protocol sends. */
export function pathViolation(what: string): SwarmError {
  return new SwarmError('PATH_VIOLATION', what)
}
