import type { Broker, BrokerListener } from './broker.js'
import type { Envelopes, OpenedMessage } from './envelope.js'
import { nameOf } from './own-topics.js'

/** A broker's client that sends signed messages, and passes on only those that a server of the fleet has signed. */
export class SignedBroker {
  /** The subject that all servers read. */
  readonly everybody: string
  readonly #broker: Broker
  readonly #envelopes: Envelopes
  readonly #prefix: string
  readonly #onMessage: (message: OpenedMessage) => void
  #isConnected = false

  /** Subjects begin with `prefix`. */
  constructor(broker: Broker, envelopes: Envelopes, prefix: string, onMessage: (message: OpenedMessage) => void) {
    this.#broker = broker
    this.#envelopes = envelopes
    this.#prefix = prefix
    this.#onMessage = onMessage
    this.everybody = `${prefix}.servers`
  }

  /** Whether the broker answers. */
  get isConnected(): boolean {
    return this.#isConnected
  }

  /** See `Broker`. */
  get localHost(): string | null {
    return this.#broker.localHost
  }

  /** The subject that the server with this id reads. */
  serverSubject(id: string): string {
    return `${this.#prefix}.server.${id}`
  }

  /** The subject that servers with clients on the topic read. */
  topicSubject(hash: Uint8Array): string {
    return `${this.#prefix}.topic.${nameOf(hash)}`
  }

  /** Connects. The listener hears of changes only. */
  start({ onConnected, onDisconnected, onError }: BrokerListener): void {
    this.#broker.start({
      onError: (error) => onError?.(error),
      onConnected: () => {
        if (this.#isConnected) return
        this.#isConnected = true
        onConnected()
      },
      onDisconnected: (reason) => {
        if (!this.#isConnected) return
        this.#isConnected = false
        onDisconnected(reason)
      }
    })
  }

  /** Sends a message. While the broker does not answer, it is dropped. */
  publish(subject: string, number: number, body: Uint8Array): void {
    if (this.#isConnected) this.#broker.publish(subject, this.#envelopes.seal(subject, number, body))
  }

  /** Reads a subject until the returned function is called. */
  subscribe(subject: string): () => void {
    return this.#broker.subscribe(subject, (message) => {
      const opened = this.#envelopes.open(subject, message)
      if (opened !== null) this.#onMessage(opened)
    })
  }

  close(): Promise<void> {
    return this.#broker.close()
  }
}
