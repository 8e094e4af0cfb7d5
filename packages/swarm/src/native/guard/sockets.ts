import { override } from './override.js'

/** A socket for a hole punch, as HyperDHT's pool hands it out. */
interface SocketRef {
  readonly socket: unknown
  onholepunchmessage: () => void
  release(): void
}

/**
 * A dial that needs a socket for its hole punch, when the process has no file descriptor left, throws where nobody
 * catches it. It gets the node's own socket instead: the punch finds nobody, and fails in its time.
 */
export function guardSocketPool(pool: unknown, node: object): boolean {
  return override<() => SocketRef>(pool, 'acquire', (acquire) => () => {
    try {
      return acquire()
    } catch {
      return sharedSocket(node as { socket: unknown })
    }
  })
}

/** Nothing is to be closed when a hole punch ends. */
function sharedSocket(node: { readonly socket: unknown }): SocketRef {
  return { socket: node.socket, onholepunchmessage: ignore, release: ignore }
}

function ignore(): void {}
