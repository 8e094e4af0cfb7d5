/** Is told whether the broker answers. */
export interface BrokerListener {
  /** The broker answers, and has this client's subscriptions. Called again after each outage. */
  onConnected(): void
  /** The broker does not answer. The client tries again until `close`. */
  onDisconnected(reason: string): void
  /** The broker does not answer, or refuses something, such as a subject that this server may not use. Once in an outage. */
  onError?(error: Error): void
}

/**
 * A client of a broker that passes small messages on to its subscribers: NATS, Redis or the like. It may lose messages,
 * but messages of one sender must arrive in order. It delivers a client's own messages to that client too.
 */
export interface Broker {
  /** This machine's address as the broker sees it; null if unknown. Other servers open their links there by default. */
  readonly localHost: string | null
  /** Connects, and connects again after each outage. Never throws. */
  start(listener: BrokerListener): void
  /** Sends a message. Without a connection it is dropped. */
  publish(subject: string, message: Uint8Array): void
  /** Receives the messages of a subject, across outages, until the returned function is called. */
  subscribe(subject: string, onMessage: (message: Uint8Array) => void): () => void
  /** Sends what was published, and disconnects. */
  close(): Promise<void>
}
