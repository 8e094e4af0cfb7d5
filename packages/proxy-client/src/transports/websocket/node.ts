import type { Socket } from 'node:net'
import { type ClientOptions, WebSocket } from 'ws'
import { MAX_FIRST_BYTES, MAX_MESSAGE_BYTES, messageTooLarge } from '../../websocket/limits.js'
import type { SocketLike } from './socket.js'

/** Up to this size copying a message behind its header costs less than handing the system two pieces. */
const SMALL_BYTES = 4 * 1024
let isSmall = false

const OPTIONS: ClientOptions = {
  // Compression would only cost, the data is encrypted.
  perMessageDeflate: false,
  // Its parts are gathered before anybody sees it.
  maxPayload: MAX_MESSAGE_BYTES,
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
  constructor(url: string, options: ClientOptions) {
    super(url, options)
    // Not at once: with a listener the first bytes would be handed out before `ws` is there.
    this.once('upgrade', ({ socket }) => this.once('open', () => this.#guard(socket)))
  }

  /** Until the first message is there, counts what comes for it: `maxPayload` is for the whole life of the socket. */
  #guard(socket: Socket): void {
    let held = 0
    const onData = (chunk: Uint8Array): void => {
      // What was there before this chunk was not yet a message.
      if (held > MAX_FIRST_BYTES) this.#fail()
      held += chunk.byteLength
    }
    const stop = (): void => void socket.off('data', onData)
    socket.prependListener('data', onData)
    this.once('message', stop)
    this.once('close', stop)
  }

  #fail(): void {
    this.emit('error', messageTooLarge(MAX_FIRST_BYTES))
    this.terminate()
  }

  override send(data: Uint8Array): void {
    isSmall = data.byteLength <= SMALL_BYTES
    super.send(data)
  }
}
