import { SwarmError } from '../errors.js'

/** The peer sent on a path what no peer that follows the protocol sends. */
export function pathViolation(what: string): SwarmError {
  return new SwarmError('PATH_VIOLATION', what)
}

/** The peer closed the connection, and said so on a path. */
export function closedByPeer(): SwarmError {
  return new SwarmError('CONNECTION_CLOSED', 'the peer closed the connection')
}
