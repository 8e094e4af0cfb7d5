import { isolateListeners } from '@swarmway/runtime'
import type { Connection } from '../network/connection.js'

/**
 * Calls `onConfirmed` when the remote has sent its first bytes, which it does as soon as the connection is open on
 * its side. Until then the remote may have given up, and the application would see a connection that nobody
 * holds at the other end. Not called if the connection closes first.
 */
export function whenConfirmed(connection: Connection, onConfirmed: () => void): void {
  connection.opened.then((isOpen) => {
    const raw = connection.rawStream
    if (!isOpen || connection.destroying || raw === null) return
    // Not earlier: a dialled connection has no raw stream until it opens. The application may listen to it as well.
    isolateListeners(raw)
    if (raw.bytesReceived > 0) onConfirmed()
    else raw.once('data', onConfirmed)
  }, ignore)
}

function ignore(): void {}
