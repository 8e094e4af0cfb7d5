import type { Connection } from '../connection.js'

/**
 * Calls `onConfirmed` once the remote has sent its first bytes on an accepted connection, which it does as soon as
 * the connection is open on its side. Until then the dial may have been given up over there, and the application
 * would be shown a connection that nobody holds. Not called if the connection closes before.
 */
export function whenConfirmed(connection: Connection, onConfirmed: () => void): void {
  connection.opened.then((isOpen) => {
    const raw = connection.rawStream
    if (!isOpen || connection.destroying || raw === null) return
    if (raw.bytesReceived > 0) onConfirmed()
    else raw.once('data', onConfirmed)
  }, ignore)
}

function ignore(): void {}
