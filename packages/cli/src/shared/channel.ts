import type { Connection } from '@swarmway/swarm'

/** Takes what comes out of a {@link Channel}. */
export interface Receiver {
  onMessage(type: number, payload: Uint8Array): void
  onClose(): void
}

/**
 * A connection as messages, each a byte for its type and a payload; a connection keeps their boundaries. Who receives them can change between two messages, and none is lost.
 */
export class Channel {
  readonly remotePublicKey: Uint8Array
  receiver: Receiver
  #isClosed = false
  readonly #connection: Connection

  constructor(connection: Connection, receiver: Receiver) {
    this.#connection = connection
    this.remotePublicKey = connection.remotePublicKey
    this.receiver = receiver
    connection.on('error', () => {})
    connection.on('data', (message) => this.#onMessage(message))
    // The remote says nothing more; what it should have said is missed by the receiver.
    connection.on('end', () => connection.end())
    connection.on('close', () => this.#onClose())
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Sends a message. False when the caller should wait for `drained`. */
  send(type: number, payload?: Uint8Array): boolean {
    return this.#isClosed || this.#connection.write(encodeMessage(type, payload))
  }

  /** Resolves when there is room again, or the channel has closed. */
  drained(): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    return new Promise((resolve) => {
      const settle = () => {
        this.#connection.off('drain', settle)
        this.#connection.off('close', settle)
        resolve()
      }
      this.#connection.on('drain', settle).on('close', settle)
    })
  }

  /** Closes once everything has been sent. */
  end(): void {
    this.#connection.end()
  }

  /** Resolves once everything sent has reached the other side's machine, or cannot any more. */
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

/** A message: its type, and what belongs to it. */
function encodeMessage(type: number, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const message = new Uint8Array(1 + payload.byteLength)
  message[0] = type
  message.set(payload, 1)
  return message
}
