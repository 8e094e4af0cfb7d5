import { override } from './override.js'

/** A socket for a hole punch, as handed out by HyperDHT's pool. */
interface SocketRef {
  readonly socket: unknown
  onholepunchmessage: () => void
  release(): void
}

/**
 * When the process has no file descriptor left, a dial that needs a socket for its hole punch throws an uncaught
 * error. With this guard it gets the node's own socket instead: the punch reaches nobody and times out.
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

/** The node's own socket, which stays open when the hole punch ends. */
function sharedSocket(node: { readonly socket: unknown }): SocketRef {
  return { socket: node.socket, onholepunchmessage: ignore, release: ignore }
}

function ignore(): void {}
