import {
  type Clock,
  FLEET_MESSAGES,
  type FleetTopic,
  fleetServerBody,
  fleetTopicsBody,
  MAX_FLEET_TOPICS
} from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import type { Owner } from '../../fairness/fair-queue.js'
import type { PresenceTools } from '../options.js'
import type { Broker } from './broker.js'
import { Echo } from './echo.js'
import { Envelopes, type OpenedMessage } from './envelope.js'
import { Members } from './members.js'
import { Newcomers } from './newcomers.js'
import { OthersTopics } from './others-topics.js'
import { OwnPresence } from './own-presence.js'
import { nameOf } from './own-topics.js'
import type { FleetServer, Presence, PresenceChange, PresenceListener } from './presence.js'
import { Rhythm } from './rhythm.js'
import { SignedBroker } from './signed-broker.js'

/** Options of {@link brokerPresence}. */
export interface BrokerPresenceOptions {
  /** Prefix of the broker's subjects. Default: 'swarmway'. */
  readonly prefix?: string
  /** Milliseconds for which a server's announcements hold after it was last heard. Default: 10,000. */
  readonly leaseMs?: number
}

const LEASE_MS = 10_000
/**
 * Milliseconds after which a new topic is asked about once more. Several brokers in a cluster learn only in time who reads
 * what, and lose what is said before.
 */
const SECOND_QUESTION_MS = 3000

/**
 * Presence over a broker that only passes messages on. Each server describes itself three times in a lease, on a subject
 * that all read; that keeps everything valid that it has told, so a fleet at rest costs the same whatever the number of
 * clients. Topics have subjects of their own, which those servers read that have clients there.
 */
class BrokerPresence implements Presence {
  readonly #ownName: string
  readonly #broker: SignedBroker
  readonly #clock: Clock
  readonly #leaseMs: number
  readonly #members: Members
  readonly #echo: Echo
  readonly #own: OwnPresence
  readonly #others = new OthersTopics()
  readonly #rhythm: Rhythm
  readonly #newcomers: Newcomers
  /** Topics that are to be asked about once more. */
  readonly #fresh = new Set<string>()
  #freshTimer: unknown = null
  #listener: PresenceListener | null = null

  constructor(
    broker: Broker,
    { clock, fleetKey, keyPair }: PresenceTools,
    { leaseMs, prefix }: BrokerPresenceOptions = {}
  ) {
    this.#ownName = nameOf(keyPair.publicKey)
    this.#clock = clock
    this.#leaseMs = leaseMs ?? LEASE_MS
    const envelopes = new Envelopes(keyPair, fleetKey)
    this.#broker = new SignedBroker(broker, envelopes, prefix ?? 'swarmway', (message) => this.#onMessage(message))
    this.#members = new Members(clock, {
      onJoined: (server) => this.#onJoined(server),
      onChanged: (server) => this.#listener?.onServer(server),
      onLeft: (server) => this.#onLeft(server)
    })
    this.#echo = new Echo(clock, this.#leaseMs, () => this.#onEchoChange())
    this.#own = new OwnPresence(this.#broker, clock, (hash) => this.#others.has(hash))
    this.#newcomers = new Newcomers(clock, (id) => this.#askAll(this.#broker.serverSubject(id)))
    this.#rhythm = new Rhythm(clock, this.#leaseMs, {
      describe: () => this.update(),
      sweep: () => {
        this.#members.sweep()
        this.#echo.look()
      },
      rotate: () => this.#own.rotate(),
      askAll: () => this.#askAll(this.#broker.everybody)
    })
  }

  get servers(): ReadonlyMap<string, FleetServer> {
    return this.#members.servers
  }

  get isConnected(): boolean {
    return this.#broker.isConnected && !this.#echo.isMissing
  }

  get localHost(): string | null {
    return this.#broker.localHost
  }

  start(listener: PresenceListener): void {
    this.#listener = listener
    this.#broker.subscribe(this.#broker.everybody)
    this.#broker.subscribe(this.#broker.serverSubject(this.#ownName))
    this.#broker.start({
      onConnected: () => this.#onConnected(),
      onDisconnected: () => this.#onDisconnected(),
      onError: (error) => this.#listener?.onError?.(error)
    })
  }

  announce(topic: Uint8Array, publicKey: Uint8Array, owner: Owner, isQuiet = false): void {
    this.#own.announce(topic, publicKey, owner, isQuiet)
  }

  withdraw(topic: Uint8Array, publicKey: Uint8Array): void {
    this.#own.withdraw(topic, publicKey)
  }

  watch(topic: Uint8Array, owner: Owner, onChange: (change: PresenceChange) => void): () => void {
    if (this.#others.watch(topic, onChange)) {
      this.#own.ask(topic, owner)
      this.#askAgain(topic)
    } else this.#own.hasten(topic, owner)
    return () => {
      if (this.#others.unwatch(topic, onChange)) this.#own.closeIfUnused(topic)
    }
  }

  hasten(topic: Uint8Array, owner: Owner): void {
    this.#own.hasten(topic, owner)
  }

  keysOn(topic: Uint8Array): Iterable<{ publicKey: Uint8Array; server: FleetServer }> {
    return this.#others.keysOn(topic)
  }

  update(): void {
    if (this.#broker.isConnected) this.#describe(this.#broker.everybody)
  }

  async close(): Promise<void> {
    this.#listener = null
    this.#own.destroy()
    this.#rhythm.stop()
    this.#newcomers.destroy()
    this.#clock.clearTimeout(this.#freshTimer)
    this.#broker.publish(this.#broker.everybody, FLEET_MESSAGES.LEAVE.number, new Uint8Array(0))
    await this.#broker.close()
  }

  /** Everything that this server watches may have changed. */
  #askAll(subject: string): void {
    this.#askAbout([...this.#others.names()], subject)
  }

  /** Together with the other new topics. */
  #askAgain(topic: Uint8Array): void {
    if (this.#listener === null) return
    this.#fresh.add(nameOf(topic))
    this.#freshTimer ??= this.#clock.setTimeout(() => {
      this.#freshTimer = null
      const watched = new Set(this.#others.names())
      const names = [...this.#fresh].filter((name) => watched.has(name))
      this.#fresh.clear()
      this.#askAbout(names, this.#broker.everybody)
    }, SECOND_QUESTION_MS)
  }

  #askAbout(names: readonly string[], subject: string): void {
    const topics = names.map((name) => questionOf(b4a.from(name, 'hex')))
    for (let i = 0; i < topics.length; i += MAX_FLEET_TOPICS) {
      const body = { asks: true, topics: topics.slice(i, i + MAX_FLEET_TOPICS) }
      this.#broker.publish(subject, FLEET_MESSAGES.TOPICS.number, fleetTopicsBody.encode(body))
    }
  }

  #describe(subject: string): void {
    const own = this.#listener?.describe()
    if (own === undefined) return
    const body = fleetServerBody.encode({ ...own, leaseMs: this.#leaseMs, topics: this.#own.size })
    this.#broker.publish(subject, FLEET_MESSAGES.SERVER.number, body)
  }

  /** A server can sign anything, so messages that cannot be read are dropped. */
  #onMessage(message: OpenedMessage): void {
    if (this.#listener === null) return
    if (message.sender === this.#ownName) {
      if (message.number === FLEET_MESSAGES.SERVER.number) this.#onEcho()
      return
    }
    if (!this.#members.isNew(message)) return
    try {
      this.#take(message)
    } catch {
      // From a server of another version, or one that lies.
    }
  }

  #onEcho(): void {
    this.#members.echo()
    this.#echo.heard()
  }

  /** On the same connection, as when a permission is corrected: what the others have said meanwhile was lost. */
  #onEchoChange(): void {
    this.#listener?.onState(this.isConnected)
    if (this.#echo.isMissing) {
      this.#listener?.onError?.(new Error('the broker does not pass on what this server says'))
      return
    }
    this.#members.renew()
    this.#askAll(this.#broker.everybody)
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
      if (asks) this.#own.reply(sender, topic.topic)
    }
  }

  /** It learns at once that this server is there, and is asked what it has, unless it has just begun. */
  #onJoined(server: FleetServer): void {
    this.#describe(this.#broker.serverSubject(server.id))
    if (server.topics > 0) this.#newcomers.add(server.id)
    this.#listener?.onServer(server)
  }

  #onLeft(server: FleetServer): void {
    this.#others.drop(server)
    this.#own.dropReplies(server.id)
    this.#newcomers.drop(server.id)
    this.#listener?.onServerGone(server)
  }

  #onConnected(): void {
    this.#members.renew()
    this.#echo.renew()
    this.#describe(this.#broker.everybody)
    this.#rhythm.start()
    this.#own.wake()
    this.#listener?.onState(true)
  }

  /** What was told last may have been lost. */
  #onDisconnected(): void {
    this.#rhythm.stop()
    this.#own.repeat(this.#clock.now() - this.#leaseMs)
    this.#listener?.onState(false)
  }
}

function questionOf(topic: Uint8Array): FleetTopic {
  return { topic, isWhole: false, total: 0, added: [], removed: [] }
}

/** Makes a server's presence of a client of a broker; for the option `fleet.presence`. */
export function brokerPresence(broker: Broker, options?: BrokerPresenceOptions): (tools: PresenceTools) => Presence {
  return (tools) => new BrokerPresence(broker, tools, options)
}
