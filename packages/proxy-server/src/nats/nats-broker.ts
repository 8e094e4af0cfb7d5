import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { type Clock, systemClock } from '@swarmway/runtime'
import type { Broker, BrokerListener } from '../fleet/presence/broker.js'
import { firstToGreet } from './greeting.js'
import { addressOf, DEFAULT_PORT, readServers, usableServers } from './servers.js'

/** Milliseconds between two tries, a part of which is random, so that the servers of a fleet do not come back at once. */
const RECONNECT_MS = 500
const JITTER_MS = 1000
/** A broker that answers no ping for two of these is given up for another, or tried again. */
const PING_MS = 4000

/** Milliseconds in which a broker has to greet, before the next one is tried. */
const CONNECT_MS = 4000

/** Milliseconds that the last messages may take to reach the broker. */
const FLUSH_MS = 1000

/** Options of the NATS client, which is an optional package, so that its types may be missing; see its documentation. */
export interface NatsOptions {
  /** As in `NatsFleetOptions`. Default: one on this machine. */
  servers?: string | string[]
  /** The port of the server on this machine, if there are no `servers`. Default: 4222. */
  port?: number
  user?: string
  pass?: string
  token?: string
  /** Certificates: `{ caFile, certFile, keyFile }`, or `{ ca, cert, key }`. */
  tls?: { readonly handshakeFirst?: boolean; readonly [option: string]: unknown }
  /** Whether to try only the given servers, not the others of their cluster. Default: false. */
  ignoreClusterUpdates?: boolean
  [option: string]: unknown
}

interface Subscription {
  unsubscribe(): void
}

/** What happens to a connection; `error` comes with the type of that name. */
interface NatsStatus {
  readonly type: string
  readonly error?: Error
}

/** The used part of what a NATS server says about itself. */
export interface NatsInfo {
  readonly client_ip?: string
  readonly connect_urls?: readonly string[]
  readonly tls_available?: boolean
  readonly tls_required?: boolean
}

/** The used part of a connection of `@nats-io/transport-node`. */
export interface NatsConnection {
  readonly info?: NatsInfo | undefined
  publish(subject: string, message: Uint8Array): void
  subscribe(
    subject: string,
    options: { callback: (error: Error | null, message: { readonly data: Uint8Array }) => void }
  ): Subscription
  flush(): Promise<void>
  close(): Promise<void>
  isClosed(): boolean
  status(): AsyncIterable<NatsStatus>
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
  readonly #clock: Clock
  /** The servers that were given, as `host:port`. */
  readonly #given: readonly string[]
  readonly #subscribed = new Set<Subscribed>()
  #connection: NatsConnection | null = null
  #isOnline = false
  /** Whether an error was reported since the broker was last reached: the same comes again and again. */
  #hasReported = false
  #isClosed = false
  #localHost: string | null = null
  /** Further servers of the broker's cluster, as it says. */
  #others: readonly string[] = []
  readonly #closing = new AbortController()
  /** Ends the pause before the next try. */
  #endPause: () => void = ignore

  /** @throws TypeError for a bad server */
  constructor(connect: NatsConnect, options: NatsOptions, clock: Clock = systemClock) {
    const { port = DEFAULT_PORT, servers: given = `127.0.0.1:${port}`, ...others } = options
    const { servers, ...found } = readServers(given)
    this.#given = servers
    this.#connect = connect
    this.#clock = clock
    this.#options = {
      pingInterval: PING_MS,
      maxPingOut: 2,
      timeout: CONNECT_MS,
      ...found,
      ...others,
      // Each try is this class's own, so that it begins with a server that answers.
      reconnect: false,
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
    this.#closing.abort()
    this.#endPause()
    const connection = this.#connection
    if (connection === null || connection.isClosed()) return
    if (this.#isOnline) await Promise.race([connection.flush().catch(ignore), this.#pause(FLUSH_MS)])
    this.#endPause()
    await connection.close()
  }

  async #run(listener: BrokerListener): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#once(listener)
      } catch (reason) {
        const error = reason instanceof Error ? reason : new Error(String(reason))
        listener.onDisconnected(error.message)
        this.#report(listener, error)
      }
      if (!this.#isClosed) await this.#pause(RECONNECT_MS + Math.random() * JITTER_MS)
    }
  }

  async #once(listener: BrokerListener): Promise<void> {
    const servers = await this.#nextServers()
    // If there are several, their order counts.
    const order = servers.length > 1 ? { noRandomize: true } : {}
    const connection = await this.#connect({ ...this.#options, ...order, ...this.#checkOf(servers), servers })
    if (this.#isClosed) return connection.close()
    this.#connection = connection
    for (const subscribed of this.#subscribed) this.#begin(subscribed)
    this.#online(listener)
    for await (const status of connection.status()) this.#onStatus(status, listener)
    this.#offline(listener, 'the connection was closed')
  }

  /** The first that answers. One that begins with TLS says nothing before. */
  async #nextServers(): Promise<string[]> {
    const { noRandomize, tls } = this.#options
    const others = this.#others.filter((server) => !this.#given.includes(server))
    const inOrder = noRandomize === true ? (servers: readonly string[]) => servers : shuffled
    const order = [...inOrder(this.#given), ...inOrder(others)]
    if (tls?.handshakeFirst === true) return order
    return [await firstToGreet(order, { clock: this.#clock, withinMs: CONNECT_MS, signal: this.#closing.signal })]
  }

  /** The client library compares the certificate of a server at an address with the name `localhost`. */
  #checkOf([server = '', ...others]: readonly string[]): Pick<NatsOptions, 'tls'> {
    const { tls } = this.#options
    const { host } = addressOf(server)
    if (tls === undefined || others.length > 0 || isIP(host) === 0) return {}
    const check = (_: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate)
    return { tls: { checkServerIdentity: check, ...tls } }
  }

  #onStatus({ error, type }: NatsStatus, listener: BrokerListener): void {
    if (type === 'disconnect' || type === 'staleConnection') this.#offline(listener, type)
    else if (type === 'error' && error !== undefined && this.#isOnline) this.#report(listener, error)
  }

  #report(listener: BrokerListener, error: Error): void {
    if (this.#hasReported || this.#isClosed) return
    this.#hasReported = true
    listener.onError?.(error)
  }

  #online(listener: BrokerListener): void {
    this.#isOnline = true
    this.#hasReported = false
    const info = this.#connection?.info ?? {}
    this.#localHost = info.client_ip ?? null
    this.#others = this.#othersIn(info)
    if (!this.#isClosed) listener.onConnected()
  }

  #othersIn({ connect_urls: named = [], tls_available, tls_required }: NatsInfo): readonly string[] {
    const { ignoreClusterUpdates, tls } = this.#options
    const isTls = tls !== undefined || tls_available === true || tls_required === true
    return ignoreClusterUpdates === true ? [] : usableServers(named, isTls)
  }

  #offline(listener: BrokerListener, reason: string): void {
    this.#isOnline = false
    if (!this.#isClosed) listener.onDisconnected(reason)
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(resolve, ms)
      this.#endPause = () => {
        this.#clock.clearTimeout(timer)
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

function shuffled(servers: readonly string[]): string[] {
  const keyed = servers.map((server) => ({ server, place: Math.random() }))
  return keyed.sort((a, b) => a.place - b.place).map(({ server }) => server)
}

function ignore(): void {}
