import { WebSocket } from 'ws'
import type { SocketLike } from './socket.js'

/** A WebSocket of the package `ws`: Node 20 has none of its own. Compression would only cost, the data is encrypted. */
export function openSocket(url: string): SocketLike {
  return new WebSocket(url, { perMessageDeflate: false }) as unknown as SocketLike
}
