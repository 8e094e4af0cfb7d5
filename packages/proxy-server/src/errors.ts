import { isErrorCode, ProxyError, type ProxyErrorOptions, withoutStack } from '@swarmway/proxy-protocol'

/** No peer was found (`PEER_NOT_FOUND`). */
export function peerNotFound(): ProxyError {
  return withoutStack('PEER_NOT_FOUND', 'no peer with this key was found')
}

/** The peer did not answer, or the connection failed (`PEER_CONNECTION_FAILED`). */
export function connectionFailed(message: string, cause?: unknown): ProxyError {
  return withoutStack('PEER_CONNECTION_FAILED', message, { cause })
}

/** The request needs a DHT, and this server has none (`DHT_OFF`). */
export function dhtOff(): ProxyError {
  return withoutStack('DHT_OFF', 'this server has no DHT')
}

/** The client is not allowed to do this (`AUTH_DENIED`). */
export function denied(message: string, options: ProxyErrorOptions = {}): ProxyError {
  return withoutStack('AUTH_DENIED', message, options)
}

/** A newer session has proved that it holds the key (`KEY_TAKEN`). */
export function keyTaken(): ProxyError {
  return withoutStack('KEY_TAKEN', 'a newer session listens on this key')
}

/** The server is destroyed (`SERVER_CLOSING`). */
export function serverClosing(): ProxyError {
  return new ProxyError('SERVER_CLOSING', 'the server is shutting down')
}

/** The client cancelled its request (`ABORTED`). */
export function cancelled(what: string): ProxyError {
  return withoutStack('ABORTED', `${what} was cancelled`)
}

/** The code of {@link goingAway}. */
export const GOING_AWAY = 'GOING_AWAY'

/** The client closed its WebSocket in order, but without a GOODBYE, as a browser does with a closed page (`GOING_AWAY`). */
export function goingAway(closeCode: number): ProxyError {
  return withoutStack(GOING_AWAY, `the client closed the WebSocket with code ${closeCode}`)
}

/** A newcomer needs the place of a session that does not use it (`LIMIT`). */
export function gaveWay(): ProxyError {
  return withoutStack('LIMIT', 'the server is full, and the session was not in use')
}

/** The operator has ended the session, which may come back in a minute (`CUT_OFF`). */
export function cutOff(): ProxyError {
  return withoutStack('CUT_OFF', 'the operator of the server has ended the session; it may come back in a minute')
}

/** Converts an error from a lower layer: keeps its code if it has one, otherwise uses `fallback`. */
export function withCode(error: unknown, fallback: string): ProxyError {
  if (error instanceof ProxyError) return error
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const text = typeof message === 'string' ? message : 'it failed'
  return withoutStack(isErrorCode(code) ? code : fallback, text, { cause: error })
}

/**
 * Runs a task that HyperDHT calls, so that it fails only with a plain `Error`: HyperDHT rethrows a TypeError or
 * RangeError as an uncaught exception, which would let a client end the process.
 */
export async function plainly<T>(task: () => T | Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (error) {
    throw withCode(error, 'INTERNAL')
  }
}
