import { invalidArgument } from '@swarmway/swarm/core'
import type { SocketLike } from './socket.js'

/** The platform's WebSocket. */
export function openSocket(url: string): SocketLike {
  const { WebSocket } = globalThis as unknown as { WebSocket: new (url: string) => SocketLike }
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  return socket
}

/** None: a browser has settings of its own for HTTP proxies, and shows them to nobody. */
export function findTunnel(_url: string, proxy: unknown): null {
  if (proxy === undefined || proxy === null || proxy === 'env') return null
  throw invalidArgument('proxy', "'env' or left out in a browser, which has its own settings", proxy)
}
