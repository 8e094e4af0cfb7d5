import { member, override } from './override.js'

/** Hosts to which one socket may send hole punches: a peer has a few addresses, a hostile one names eighty. */
const MAX_PUNCHED_HOSTS = 8

/** Whether a hole punch, a packet of one byte, may be sent to a host. */
export type MayPunch = (host: string) => boolean

type Send = (bytes: Uint8Array, port: number, host: string, ttl?: number) => Promise<boolean>

/** A socket for a hole punch, as handed out by HyperDHT's pool. */
interface SocketRef {
  readonly socket: unknown
  onholepunchmessage: () => void
  release(): void
}

/**
 * When the process has no file descriptor left, a dial that needs a socket for its hole punch throws an uncaught
 * error. With this guard it gets the node's own socket instead: the punch reaches nobody and times out. The other sockets
 * send hole punches to a few hosts only.
 */
export function guardSocketPool(pool: unknown, node: object): boolean {
  return override<() => SocketRef>(pool, 'acquire', (acquire) => () => {
    try {
      return limited(acquire(), atMost(MAX_PUNCHED_HOSTS))
    } catch {
      return sharedSocket(node as { socket: unknown })
    }
  })
}

/**
 * The pool of the sockets with which the node punches holes; they do so only where `mayPunch` allows. HyperDHT shows its
 * `holepunch` hook only the first addresses that a peer names, and then uses those of later messages too. Undefined if the
 * node has no such pool.
 */
export function punchingPool(node: object, mayPunch: MayPunch): object | undefined {
  const pool = member(node, '_socketPool') as { acquire(): SocketRef } | undefined
  if (typeof pool?.acquire !== 'function') return undefined
  const acquire = (): SocketRef => {
    const ref = pool.acquire()
    return ref.socket === member(node, 'socket') ? ref : limited(ref, mayPunch)
  }
  return Object.create(pool, { acquire: { value: acquire } }) as object
}

/** Everything else that HyperDHT sends on such a socket goes through its `trySend`. */
function limited(ref: SocketRef, mayPunch: MayPunch): SocketRef {
  override<Send>(ref.socket, 'send', (send) => async (bytes, port, host, ttl) => {
    return mayPunch(host) ? send(bytes, port, host, ttl) : false
  })
  return ref
}

function atMost(max: number): MayPunch {
  const hosts = new Set<string>()
  return (host) => hosts.has(host) || (hosts.size < max && hosts.add(host) !== undefined)
}

/** The node's own socket, which stays open when the hole punch ends. */
function sharedSocket(node: { readonly socket: unknown }): SocketRef {
  return { socket: node.socket, onholepunchmessage: ignore, release: ignore }
}

function ignore(): void {}
