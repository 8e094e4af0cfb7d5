import { type ClientOptions, WebSocket } from 'ws'
import type { SocketLike } from './socket.js'

const OPTIONS: ClientOptions = {
  // Compression would only cost, the data is encrypted.
  perMessageDeflate: false,
  // Leaves the mask at zero, so that neither side spends time on masking, a quarter of what sending costs. A mask keeps
  // scripts in browsers from choosing the bytes on the wire; here is no browser, and what peers say is encrypted.
  generateMask: () => {}
}

/** A WebSocket of the package `ws`: Node 20 has none of its own. */
export function openSocket(url: string): SocketLike {
  return new WebSocket(url, OPTIONS) as unknown as SocketLike
}
