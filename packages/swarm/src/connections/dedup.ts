import type { Origin } from '../handshake/extension.js'
import type { OpenConnection } from './table.js'

/**
 * Whether the remote, which has just sent a handshake with this `origin`, can no longer know the connection
 * `open`. If so, the new connection replaces it. Otherwise the new one is a dial that crossed ours, and is dropped.
 *
 * A peer does not dial while it has a connection. So it has lost this one if it was restarted since (another
 * incarnation), or if it began the new dial after sending its part of the old handshake (a later epoch).
 * Without these stamps, from other implementations, hyperswarm's rule applies: both sides knew a connection if bytes
 * went both ways on it.
 */
export function isOutdated(open: OpenConnection, origin: Origin | null): boolean {
  if (open.origin === null || origin === null) {
    return open.connection.rawBytesRead > 0 && open.connection.rawBytesWritten > 0
  }
  if (open.origin.incarnation !== origin.incarnation) return true
  return origin.epoch > open.origin.epoch
}
