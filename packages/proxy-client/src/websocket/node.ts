import { type ClientOptions, WebSocket } from 'ws'
import type { SocketLike } from './socket.js'

/** Up to this size copying a message behind its header costs less than handing the system two pieces. */
const SMALL_BYTES = 4 * 1024
let isSmall = false

const OPTIONS: ClientOptions = {
  // Compression would only cost, the data is encrypted.
  perMessageDeflate: false,
  // A mask of zero costs neither side a pass over the bytes, a quarter of what sending costs. A mask keeps scripts in
  // browsers from choosing the bytes on the wire; here is no browser, and what peers say is encrypted. With any other
  // mask `ws` puts header and message into one piece, which is worth it for small ones.
  generateMask: (mask) => {
    mask[0] = isSmall ? 1 : 0
  }
}

/** A WebSocket of the package `ws`: Node 20 has none of its own. */
export function openSocket(url: string): SocketLike {
  const socket = new NodeSocket(url, OPTIONS)
  // An ArrayBuffer would be a copy.
  socket.binaryType = 'nodebuffer'
  return socket as unknown as SocketLike
}

class NodeSocket extends WebSocket {
  override send(data: Uint8Array): void {
    isSmall = data.byteLength <= SMALL_BYTES
    super.send(data)
  }
}
