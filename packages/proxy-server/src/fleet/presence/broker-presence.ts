import {
  type Clock,
  FLEET_MESSAGES,
  type FleetTopic,
  fleetServerBody,
  fleetTopicsBody,
  MAX_FLEET_TOPICS
} from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import type { PresenceTools } from '../options.js'
import type { Broker } from './broker.js'
import { Envelopes, type OpenedMessage } from './envelope.js'
import { Members } from './members.js'
import { OthersTopics } from './others-topics.js'
import { Outbox } from './outbox.js'
import { nameOf, type OwnTopic, OwnTopics } from './own-topics.js'
import type { FleetServer, Presence, PresenceChange, PresenceListener } from './presence.js'
import { Replies } from './replies.js'
import { Rhythm } from './rhythm.js'

/** Options of {@link brokerPresence}. */
export interface BrokerPresenceOptions {
  /** What the broker's subjects begin with. Default: 'swarmway'. */
  readonly prefix?: string
  /** Milliseconds for which what a server has said holds. Default: 10,000. */
  readonly leaseMs?: number
}

const LEASE_MS = 10_000

/**
 * Presence over a broker that only passes messages on. Each server describes itself three times in a lease, on a subject
 * that all read; that keeps everything valid that it has told, so a fleet at rest costs the same whatever the number of
 * clients. Topics have subjects of their own, which those servers read that have clients there.
 */
class BrokerPresence implements Presence {
  readonly #ownName: string
  readonly #broker: Broker
  readonly #clock: Clock
  readonly #prefix: string
  readonly #leaseMs: number
  readonly #envelopes: Envelopes
  readonly #members: Members
  readonly #own = new OwnTopics()
  readonly #others = new OthersTopics()
  readonly #outbox: Outbox
  readonly #replies: Replies
  readonly #rhythm: Rhythm
  /** Ends the subscriptions, by topic. */
  readonly #subscriptions = new Map<string, () => void>()
  #listener: PresenceListener | null = null
  #isConnected = false

  constructor(
    broker: Broker,
    { clock, fleetKey, keyPair }: PresenceTools,
    { leaseMs, prefix }: BrokerPresenceOptions = {}
  ) {
    this.#ownName = nameOf(keyPair.publicKey)
    this.#broker = broker
    this.#clock = clock
    this.#prefix = prefix ?? 'swarmway'
    this.#leaseMs = leaseMs ?? LEASE_MS
    this.#envelopes = new Envelopes(keyPair, fleetKey)
    this.#members = new Members(clock, {
      onJoined: (server) => this.#onJoined(server),
      onChanged: (server) => this.#listener?.onServer(server),
      onLeft: (server) => this.#onLeft(server)
    })
    this.#outbox = new Outbox(this.#outboxHost(), clock)
    this.#replies = new Replies(this.#own, (id, topics) => this.#tell(id, { asks: false, topics }))
    this.#rhythm = new Rhythm(clock, this.#leaseMs, {
      describe: () => this.update(),
      sweep: () => this.#members.sweep(),
      rotate: () => this.#rotate(),
      askAll: () => this.#askAll(`${this.#prefix}.servers`)
    })
  }

  get servers(): ReadonlyMap<string, FleetServer> {
    return this.#members.servers
  }

  get isConnected(): boolean {
    return this.#isConnected
  }

  get localHost(): string | null {
    return this.#broker.localHost
  }

  start(listener: PresenceListener): void {
    this.#listener = listener
    this.#broker.subscribe(`${this.#prefix}.servers`, this.#reader(`${this.#prefix}.servers`))
    const own = this.#subjectOf(this.#ownName)
    this.#broker.subscribe(own, this.#reader(own))
    this.#broker.start({
      onConnected: () => this.#onConnected(),
      onDisconnected: () => this.#onDisconnected()
    })
  }

  announce(topic: Uint8Array, publicKey: Uint8Array, isQuiet = false): void {
    const own = this.#open(topic)
    own.keys.set(nameOf(publicKey), publicKey)
    if (isQuiet && own.isQuiet) return
    own.isQuiet = false
    this.#outbox.add(own)
  }

  withdraw(topic: Uint8Array, publicKey: Uint8Array): void {
    const own = this.#own.get(topic)
    if (!own?.keys.delete(nameOf(publicKey))) return
    if (own.told.has(nameOf(publicKey))) this.#outbox.add(own)
    this.#closeIfUnused(own)
  }

  watch(topic: Uint8Array, onChange: (change: PresenceChange) => void): () => void {
    const own = this.#open(topic)
    if (this.#others.watch(topic, onChange)) {
      own.asks = true
      this.#outbox.add(own)
    }
    return () => {
      if (this.#others.unwatch(topic, onChange)) this.#closeIfUnused(own)
    }
  }

  keysOn(topic: Uint8Array): Iterable<{ publicKey: Uint8Array; server: FleetServer }> {
    return this.#others.keysOn(topic)
  }

  update(): void {
    if (this.#isConnected) this.#describe(`${this.#prefix}.servers`)
  }

  async close(): Promise<void> {
    this.#listener = null
    this.#outbox.destroy()
    this.#rhythm.stop()
    this.#publish(`${this.#prefix}.servers`, FLEET_MESSAGES.LEAVE.number, new Uint8Array(0))
    await this.#broker.close()
  }

  #outboxHost() {
    const isConnected = () => this.#isConnected
    return {
      get isConnected() {
        return isConnected()
      },
      send: (topic: OwnTopic) => {
        const isSent = this.#sendTopic(topic)
        this.#closeIfUnused(topic)
        return isSent
      }
    }
  }

  #open(topic: Uint8Array): OwnTopic {
    const name = nameOf(topic)
    if (!this.#subscriptions.has(name)) {
      const subject = this.#topicSubject(topic)
      this.#subscriptions.set(name, this.#broker.subscribe(subject, this.#reader(subject)))
    }
    return this.#own.obtain(topic)
  }

  /** What is still to be told goes out first; while the broker is away, it waits. */
  #closeIfUnused(own: OwnTopic): void {
    if (own.keys.size > 0 || this.#others.has(own.hash)) return
    if (own.told.size > 0 && !this.#isConnected) {
      this.#outbox.add(own)
      return
    }
    if (own.told.size > 0) this.#sendTopic(own)
    const name = nameOf(own.hash)
    this.#outbox.delete(own)
    this.#own.delete(own.hash)
    this.#subscriptions.get(name)?.()
    this.#subscriptions.delete(name)
  }

  #sendTopic(own: OwnTopic): boolean {
    const { asks } = own
    const entry = this.#own.take(own, this.#clock.now())
    if (entry === null) return false
    const body = fleetTopicsBody.encode({ asks, topics: [entry] })
    this.#publish(this.#topicSubject(own.hash), FLEET_MESSAGES.TOPICS.number, body)
    return true
  }

  #rotate(): void {
    for (const topic of this.#own.rotate()) this.#outbox.add(topic)
  }

  /** Everything that this server watches may have changed. */
  #askAll(subject: string): void {
    const topics = [...this.#others.names()].map((name) => questionOf(b4a.from(name, 'hex')))
    for (let i = 0; i < topics.length; i += MAX_FLEET_TOPICS) {
      const body = { asks: true, topics: topics.slice(i, i + MAX_FLEET_TOPICS) }
      this.#publish(subject, FLEET_MESSAGES.TOPICS.number, fleetTopicsBody.encode(body))
    }
  }

  #tell(id: string, body: { asks: boolean; topics: readonly FleetTopic[] }): void {
    this.#publish(this.#subjectOf(id), FLEET_MESSAGES.TOPICS.number, fleetTopicsBody.encode(body))
  }

  #describe(subject: string): void {
    const own = this.#listener?.describe()
    if (own === undefined) return
    const body = fleetServerBody.encode({ ...own, leaseMs: this.#leaseMs, topics: this.#own.size })
    this.#publish(subject, FLEET_MESSAGES.SERVER.number, body)
  }

  #publish(subject: string, number: number, body: Uint8Array): void {
    if (this.#isConnected) this.#broker.publish(subject, this.#envelopes.seal(subject, number, body))
  }

  #reader(subject: string): (message: Uint8Array) => void {
    return (message) => {
      const opened = this.#envelopes.open(subject, message)
      if (opened !== null && this.#listener !== null) this.#onMessage(opened)
    }
  }

  /** Each server can sign what it likes: what cannot be read is dropped. */
  #onMessage(message: OpenedMessage): void {
    if (message.sender === this.#ownName) {
      if (message.number === FLEET_MESSAGES.SERVER.number) this.#members.echo()
      return
    }
    if (!this.#members.isNew(message)) return
    try {
      this.#take(message)
    } catch {
      // From a server of another version, or one that lies.
    }
  }

  #take(message: OpenedMessage): void {
    const { body, number, sender } = message
    if (number === FLEET_MESSAGES.SERVER.number) this.#members.heard(message, fleetServerBody.decode(body))
    else if (number === FLEET_MESSAGES.LEAVE.number) this.#members.left(message)
    else if (number === FLEET_MESSAGES.TOPICS.number) this.#onTopics(sender, fleetTopicsBody.decode(body))
  }

  #onTopics(sender: string, { asks, topics }: { asks: boolean; topics: readonly FleetTopic[] }): void {
    const server = this.servers.get(sender)
    if (server === undefined) return
    for (const topic of topics) {
      const says = topic.isWhole || topic.added.length + topic.removed.length > 0
      if (says) this.#others.apply(server, topic)
      if (asks) this.#replies.add(sender, topic.topic)
    }
  }

  /** It learns at once that this server is there, and is asked what it has, unless it has just begun. */
  #onJoined(server: FleetServer): void {
    const subject = this.#subjectOf(server.id)
    this.#describe(subject)
    if (server.topics > 0) this.#askAll(subject)
    this.#listener?.onServer(server)
  }

  #onLeft(server: FleetServer): void {
    this.#others.drop(server)
    this.#replies.drop(server.id)
    this.#listener?.onServerGone(server)
  }

  #onConnected(): void {
    if (this.#isConnected) return
    this.#isConnected = true
    this.#members.renew()
    this.#describe(`${this.#prefix}.servers`)
    this.#rhythm.start()
    this.#outbox.wake()
    this.#listener?.onState(true)
  }

  /** What was told last may have been lost. */
  #onDisconnected(): void {
    if (!this.#isConnected) return
    this.#isConnected = false
    this.#rhythm.stop()
    const nowMs = this.#clock.now()
    for (const topic of this.#own.values()) {
      if (topic.toldMs === null || nowMs - topic.toldMs > this.#leaseMs) continue
      topic.isWhole = !topic.isQuiet
      topic.asks ||= this.#others.has(topic.hash)
      this.#outbox.add(topic)
    }
    this.#listener?.onState(false)
  }

  #subjectOf(id: string): string {
    return `${this.#prefix}.server.${id}`
  }

  #topicSubject(hash: Uint8Array): string {
    return `${this.#prefix}.topic.${nameOf(hash)}`
  }
}

function questionOf(topic: Uint8Array): FleetTopic {
  return { topic, isWhole: false, total: 0, added: [], removed: [] }
}

/** Makes a server's presence of a client of a broker; for the option `fleet.presence`. */
export function brokerPresence(broker: Broker, options?: BrokerPresenceOptions): (tools: PresenceTools) => Presence {
  return (tools) => new BrokerPresence(broker, tools, options)
}
