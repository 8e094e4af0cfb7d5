import type { Socket } from 'node:net'
import { CHUNK_BYTES, Credit, Intake } from '../shared/channel/credit.js'
import { WINDOW_BYTES } from './wire.js'

/** Sends messages about one TCP connection. */
export interface TunnelWriter {
  /** Resolves when more may be sent. */
  data(chunk: Uint8Array): Promise<void>
  end(): void
  reset(): void
  credit(bytes: number): void
}

/**
 * Carries one TCP connection. Each direction ends on its own, and a slow reader slows its writer: credit is granted for
 * what its socket has taken.
 */
export class Tunnel {
  /** Resolves when the socket is closed and nothing that it has read is left to send. */
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #writer: TunnelWriter
  readonly #credit = new Credit(WINDOW_BYTES)
  readonly #intake: Intake
  #isOver = false
  #isSent = false
  #isReceived = false

  /** The socket must allow half-open connections. */
  constructor(socket: Socket, writer: TunnelWriter) {
    this.#socket = socket
    this.#writer = writer
    this.#intake = new Intake((bytes) => writer.credit(bytes), WINDOW_BYTES)
    // Its close says the same.
    socket.on('error', () => {})
    const sent = this.#send().catch(() => void socket.destroy())
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(this.#onClosed(sent))))
  }

  /** Returns false if the other side has sent more than it was allowed to, or after its end. */
  onData(chunk: Uint8Array): boolean {
    if (this.#isReceived || !this.#intake.receive(chunk.byteLength)) return false
    this.#socket.write(chunk, (error) => {
      if (!error && !this.#isOver) this.#intake.take(chunk.byteLength)
    })
    return true
  }

  onEnd(): void {
    this.#isReceived = true
    this.#socket.end()
  }

  onCredit(bytes: number): void {
    this.#credit.give(bytes)
  }

  /** The other side has reset it, or is gone. */
  abort(): void {
    this.#isReceived = true
    this.#isSent = true
    this.#stop()
    // A program must not take what it has for everything.
    this.#socket.resetAndDestroy()
  }

  async #send(): Promise<void> {
    // The iterator would destroy the socket at the end of its input; the other direction may go on.
    for await (const chunk of this.#socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.byteLength; at += CHUNK_BYTES) {
        const part = chunk.subarray(at, at + CHUNK_BYTES)
        await this.#credit.take(part.byteLength)
        if (this.#isOver) return
        await this.#writer.data(part)
      }
    }
    if (this.#isOver) return
    this.#isSent = true
    this.#writer.end()
  }

  /** A socket that has ended in both directions closes while its last bytes still wait for credit. */
  async #onClosed(sent: Promise<void>): Promise<void> {
    if (this.#isReceived && this.#socket.readableEnded) await sent
    this.#stop()
    if (!this.#isSent || !this.#isReceived) this.#writer.reset()
  }

  #stop(): void {
    this.#isOver = true
    this.#credit.give(Number.POSITIVE_INFINITY)
  }
}
