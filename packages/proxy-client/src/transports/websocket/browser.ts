import type { SocketLike } from './socket.js'

/** The platform's WebSocket. */
export function openSocket(url: string): SocketLike {
  const { WebSocket } = globalThis as unknown as { WebSocket: new (url: string) => SocketLike }
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  return socket
}
