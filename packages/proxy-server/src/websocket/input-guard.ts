import type { Duplex } from 'node:stream'

/**
 * Reads that a stranger may take for its greeting. Each piece of an unfinished frame costs a buffer object, however
 * short it is.
 */
const MAX_READS = 128

/** Watches what arrives on the socket below a WebSocket, where fragments and control frames count as well. */
export class InputGuard {
  readonly #socket: Duplex
  readonly #onExcess: (maxBytes: number) => void
  #bytes = 0
  #reads = 0
  #maxBytes: number | null = null

  /** `onExcess` is called when more than the limit has arrived. */
  constructor(socket: Duplex, onExcess: (maxBytes: number) => void) {
    this.#socket = socket
    this.#onExcess = onExcess
  }

  /** Limits the bytes that may have arrived since the first call, or lifts the limit (null). */
  limit(maxBytes: number | null): void {
    const wasWatching = this.#maxBytes !== null
    this.#maxBytes = maxBytes
    if (maxBytes === null) this.#socket.removeListener('data', this.#onData)
    else if (!wasWatching) this.#socket.on('data', this.#onData)
  }

  readonly #onData = (chunk: Uint8Array): void => {
    const maxBytes = this.#maxBytes
    this.#bytes += chunk.byteLength
    this.#reads++
    if (maxBytes !== null && (this.#bytes > maxBytes || this.#reads > MAX_READS)) this.#onExcess(maxBytes)
  }
}
