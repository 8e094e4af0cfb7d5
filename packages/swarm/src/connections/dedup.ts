import type { Origin } from '../handshake/extension.js'
import type { OpenConnection } from './table.js'

/** How many replaced incarnations are remembered. One key has hardly more users at a time. */
const MAX_REPLACED = 8

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
  if (open.origin.incarnation !== origin.incarnation) return !wasReplaced(open, origin)
  return origin.epoch > open.origin.epoch
}

/**
 * Whether the remote is an incarnation that another one has replaced, and is alive all the same: two swarms share one
 * key. The newer one keeps the connection; otherwise each would end the other's for ever.
 */
export function wasReplaced(open: OpenConnection | null, origin: Origin | null): boolean {
  return origin !== null && open?.replaced?.includes(origin.incarnation) === true
}

/** What a connection from `origin` that takes the place of `open` has replaced. */
export function replacedBy(open: OpenConnection | null, origin: Origin | null): readonly string[] {
  if (open === null || open.origin === null || origin === null) return []
  const all = [...(open.replaced ?? []), open.origin.incarnation].filter((each) => each !== origin.incarnation)
  return [...new Set(all)].slice(-MAX_REPLACED)
}
