import type { Broker, BrokerListener } from './broker.js'

type OnMessage = (message: Uint8Array) => void

/** A broker in this process, for the servers of one process and for tests. Each server needs a client of its own. */
export class MemoryBroker {
  /** Messages received, in total. */
  messages = 0
  readonly #clients = new Set<MemoryClient>()
  #isDown = false

  /** Whether clients are cut off. */
  get isDown(): boolean {
    return this.#isDown
  }

  set isDown(isDown: boolean) {
    if (isDown === this.#isDown) return
    this.#isDown = isDown
    for (const client of [...this.#clients]) client.tell()
  }

  /** A client, for one server. */
  client(): Broker {
    return new MemoryClient(this)
  }

  /** @internal */
  add(client: MemoryClient): void {
    this.#clients.add(client)
  }

  /** @internal */
  delete(client: MemoryClient): void {
    this.#clients.delete(client)
  }

  /** @internal Delivers in a later turn, as a network does. */
  deliver(subject: string, message: Uint8Array): void {
    if (this.#isDown) return
    this.messages++
    for (const client of this.#clients) for (const onMessage of client.of(subject)) setImmediate(onMessage, message)
  }
}

class MemoryClient implements Broker {
  readonly localHost = '127.0.0.1'
  readonly #broker: MemoryBroker
  readonly #subscriptions = new Map<string, Set<OnMessage>>()
  #listener: BrokerListener | null = null

  constructor(broker: MemoryBroker) {
    this.#broker = broker
  }

  start(listener: BrokerListener): void {
    this.#listener = listener
    this.#broker.add(this)
    setImmediate(() => this.tell())
  }

  publish(subject: string, message: Uint8Array): void {
    if (this.#listener !== null) this.#broker.deliver(subject, message)
  }

  subscribe(subject: string, onMessage: OnMessage): () => void {
    const subscribers = this.#subscriptions.get(subject) ?? new Set()
    this.#subscriptions.set(subject, subscribers.add(onMessage))
    return () => {
      subscribers.delete(onMessage)
      if (subscribers.size === 0 && this.#subscriptions.get(subject) === subscribers)
        this.#subscriptions.delete(subject)
    }
  }

  async close(): Promise<void> {
    this.#listener = null
    this.#broker.delete(this)
  }

  of(subject: string): Iterable<OnMessage> {
    return this.#subscriptions.get(subject) ?? []
  }

  tell(): void {
    if (this.#broker.isDown) this.#listener?.onDisconnected('the broker is down')
    else this.#listener?.onConnected()
  }
}
