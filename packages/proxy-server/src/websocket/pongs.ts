/** What is used of a WebSocket of the package `ws`. */
export interface PingedSocket {
  readonly OPEN: number
  readonly readyState: number
  on(event: 'ping', listener: (data: Uint8Array) => void): unknown
  pong(data: Uint8Array, isMasked: boolean, onSent: () => void): void
}

/**
 * Answers the pings of a WebSocket with at most one pong on its way, so that pings cannot pile up pongs at a socket that
 * is not read. Only the last of the pings that arrive meanwhile is answered (RFC 6455, section 5.5.3).
 */
export class Pongs {
  readonly #socket: PingedSocket
  #isSending = false
  #owed: Uint8Array | null = null

  constructor(socket: PingedSocket) {
    this.#socket = socket
    socket.on('ping', (data) => this.#answer(data))
  }

  #answer(data: Uint8Array): void {
    if (this.#isSending) this.#owed = data
    else if (this.#socket.readyState === this.#socket.OPEN) this.#send(data)
  }

  #send(data: Uint8Array): void {
    this.#isSending = true
    this.#socket.pong(data, false, () => this.#onSent())
  }

  /** Also called if it could not be sent. */
  #onSent(): void {
    const owed = this.#owed
    this.#isSending = false
    this.#owed = null
    if (owed !== null) this.#answer(owed)
  }
}
