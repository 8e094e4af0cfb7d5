import type { Broker, BrokerListener } from '../fleet/presence/broker.js'

/** Milliseconds between two tries, a part of which is random, so that the servers of a fleet do not come back at once. */
const RECONNECT_MS = 500
const JITTER_MS = 1000
/** A broker that answers no ping for two of these is given up for another, or tried again. */
const PING_MS = 4000

/** Milliseconds that the last messages may take to reach the broker. */
const FLUSH_MS = 1000

/** Options of the NATS client, which is an optional package, so that its types may be missing; see its documentation. */
export interface NatsOptions {
  servers?: string | string[]
  user?: string
  pass?: string
  token?: string
  /** Certificates: `{ caFile, certFile, keyFile }`, or `{ ca, cert, key }`. */
  tls?: object
  [option: string]: unknown
}

interface Subscription {
  unsubscribe(): void
}

/** The used part of a connection of `@nats-io/transport-node`. */
export interface NatsConnection {
  readonly info?: { readonly client_ip?: string } | undefined
  publish(subject: string, message: Uint8Array): void
  subscribe(
    subject: string,
    options: { callback: (error: Error | null, message: { readonly data: Uint8Array }) => void }
  ): Subscription
  flush(): Promise<void>
  close(): Promise<void>
  isClosed(): boolean
  status(): AsyncIterable<{ readonly type: string }>
}

/** `connect` of `@nats-io/transport-node`. */
export type NatsConnect = (options: NatsOptions) => Promise<NatsConnection>

interface Subscribed {
  readonly subject: string
  readonly onMessage: (message: Uint8Array) => void
  subscription: Subscription | null
}

/** A client of a NATS server, or of several that form a cluster. */
export class NatsBroker implements Broker {
  readonly #connect: NatsConnect
  readonly #options: NatsOptions
  readonly #subscribed = new Set<Subscribed>()
  #connection: NatsConnection | null = null
  #isOnline = false
  #isClosed = false
  #localHost: string | null = null
  /** Ends the pause before the next try. */
  #endPause: () => void = ignore

  constructor(connect: NatsConnect, options: NatsOptions) {
    this.#connect = connect
    this.#options = {
      reconnectTimeWait: RECONNECT_MS,
      reconnectJitter: JITTER_MS,
      reconnectJitterTLS: JITTER_MS,
      pingInterval: PING_MS,
      maxPingOut: 2,
      ...options,
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
      // The presence needs to hear itself.
      noEcho: false
    }
  }

  get localHost(): string | null {
    return this.#localHost
  }

  start(listener: BrokerListener): void {
    void this.#run(listener)
  }

  publish(subject: string, message: Uint8Array): void {
    if (this.#isOnline) this.#connection?.publish(subject, message)
  }

  subscribe(subject: string, onMessage: (message: Uint8Array) => void): () => void {
    const subscribed: Subscribed = { subject, onMessage, subscription: null }
    this.#subscribed.add(subscribed)
    this.#begin(subscribed)
    return () => {
      this.#subscribed.delete(subscribed)
      if (this.#connection?.isClosed() === false) subscribed.subscription?.unsubscribe()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#endPause()
    const connection = this.#connection
    if (connection === null || connection.isClosed()) return
    if (this.#isOnline) await Promise.race([connection.flush().catch(ignore), this.#pause(FLUSH_MS)])
    this.#endPause()
    await connection.close()
  }

  /** The client library reconnects; only a connection that it has given up is replaced here. */
  async #run(listener: BrokerListener): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#once(listener)
      } catch (error) {
        listener.onDisconnected(error instanceof Error ? error.message : String(error))
      }
      if (!this.#isClosed) await this.#pause(RECONNECT_MS + Math.random() * JITTER_MS)
    }
  }

  async #once(listener: BrokerListener): Promise<void> {
    const connection = await this.#connect(this.#options)
    if (this.#isClosed) return connection.close()
    this.#connection = connection
    for (const subscribed of this.#subscribed) this.#begin(subscribed)
    this.#online(listener)
    for await (const status of connection.status()) this.#onStatus(status, listener)
    this.#offline(listener, 'the connection was closed')
  }

  #onStatus(status: { readonly type: string }, listener: BrokerListener): void {
    if (status.type === 'reconnect') this.#online(listener)
    else if (status.type === 'disconnect' || status.type === 'staleConnection') this.#offline(listener, status.type)
  }

  #online(listener: BrokerListener): void {
    this.#isOnline = true
    this.#localHost = this.#connection?.info?.client_ip ?? null
    if (!this.#isClosed) listener.onConnected()
  }

  #offline(listener: BrokerListener, reason: string): void {
    this.#isOnline = false
    if (!this.#isClosed) listener.onDisconnected(reason)
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #begin(subscribed: Subscribed): void {
    const connection = this.#connection
    if (connection === null || connection.isClosed()) return
    subscribed.subscription = connection.subscribe(subscribed.subject, {
      callback: (error, message) => {
        if (error === null) subscribed.onMessage(message.data)
      }
    })
  }
}

function ignore(): void {}
