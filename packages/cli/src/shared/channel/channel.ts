import type { Connection } from '@swarmway/swarm'

/** Receives messages from a {@link Channel}. */
export interface Receiver {
  onMessage(type: number, payload: Uint8Array): void
  onClose(): void
}

/**
 * A connection as messages: a type byte and a payload each. The connection keeps their boundaries. The receiver can be changed between two messages without losing any.
 */
export class Channel {
  readonly remotePublicKey: Uint8Array
  receiver: Receiver
  #isClosed = false
  /** While somebody waits for room: one for all, as there may be many. */
  #drained: Promise<void> | null = null
  readonly #connection: Connection

  constructor(connection: Connection, receiver: Receiver) {
    this.#connection = connection
    this.remotePublicKey = connection.remotePublicKey
    this.receiver = receiver
    connection.on('error', () => {})
    connection.on('data', (message) => this.#onMessage(message))
    // The remote sends nothing more; the receiver reports what is missing.
    connection.on('end', () => connection.end())
    connection.on('close', () => this.#onClose())
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Sends a message. Returns false if the caller should wait for `drained`. */
  send(type: number, payload?: Uint8Array): boolean {
    return this.#isClosed || this.#connection.write(encodeMessage(type, payload))
  }

  /** Resolves when there is room again or the channel has closed. */
  drained(): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    this.#drained ??= this.#untilDrained()
    return this.#drained
  }

  #untilDrained(): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        this.#connection.off('drain', settle).off('close', settle)
        this.#drained = null
        resolve()
      }
      this.#connection.on('drain', settle).on('close', settle)
    })
  }

  /** Closes once everything has been sent. */
  end(): void {
    this.#connection.end()
  }

  /** Resolves once everything sent has reached the other machine, or no longer can. */
  async flush(): Promise<void> {
    await this.#connection.flush().catch(() => false)
  }

  destroy(): void {
    this.#connection.destroy()
  }

  #onMessage(message: Uint8Array): void {
    const [type] = message
    if (type !== undefined) this.receiver.onMessage(type, message.subarray(1))
  }

  #onClose(): void {
    this.#isClosed = true
    this.receiver.onClose()
  }
}

/** A message: its type and payload. */
function encodeMessage(type: number, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const message = new Uint8Array(1 + payload.byteLength)
  message[0] = type
  message.set(payload, 1)
  return message
}
