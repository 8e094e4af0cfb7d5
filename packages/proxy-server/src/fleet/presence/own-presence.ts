import { type Clock, FLEET_MESSAGES, type FleetTopic, fleetTopicsBody, MAX_FLEET_KEYS } from '@swarmway/proxy-protocol'
import type { Owner } from '../../fairness/fair-queue.js'
import { Outbox } from './outbox.js'
import { nameOf, type OwnTopic, OwnTopics } from './own-topics.js'
import { Replies } from './replies.js'
import type { SignedBroker } from './signed-broker.js'

/** The owner of what no client has asked for. */
const NOBODY: Owner = { network: 'the server itself' }

/** What this server tells the others about topics, and asks them. */
export class OwnPresence {
  readonly #broker: SignedBroker
  readonly #clock: Clock
  readonly #isWatched: (hash: Uint8Array) => boolean
  readonly #topics = new OwnTopics()
  readonly #outbox: Outbox
  readonly #replies: Replies
  /** Ends the subscriptions, by topic. */
  readonly #subscriptions = new Map<string, () => void>()

  /** `isWatched` says whether a client of this server watches the topic. */
  constructor(broker: SignedBroker, clock: Clock, isWatched: (hash: Uint8Array) => boolean) {
    this.#broker = broker
    this.#clock = clock
    this.#isWatched = isWatched
    this.#outbox = new Outbox(
      {
        get isConnected() {
          return broker.isConnected
        },
        send: (topic) => this.#send(topic)
      },
      clock
    )
    this.#replies = new Replies(this.#topics, (id, topics) => this.#publish(broker.serverSubject(id), topics, false))
  }

  /** Topics on which this server has keys, or which it watches. */
  get size(): number {
    return this.#topics.size
  }

  /** See `Presence`. */
  announce(hash: Uint8Array, publicKey: Uint8Array, owner: Owner, isQuiet: boolean): void {
    const topic = this.#open(hash)
    const isTold = topic.told.has(nameOf(publicKey))
    topic.keys.set(nameOf(publicKey), { publicKey, owner })
    if (isQuiet && topic.isQuiet) return
    topic.isQuiet = false
    if (!isTold && topic.told.size < MAX_FLEET_KEYS) this.#outbox.add(topic, owner)
  }

  /** See `Presence`. */
  withdraw(hash: Uint8Array, publicKey: Uint8Array): void {
    const topic = this.#topics.get(hash)
    const key = topic?.keys.get(nameOf(publicKey))
    if (topic === undefined || key === undefined) return
    topic.keys.delete(nameOf(publicKey))
    if (topic.told.has(nameOf(publicKey))) this.#outbox.add(topic, key.owner)
    this.closeIfUnused(hash)
  }

  /** Asks the others what they have on the topic. */
  ask(hash: Uint8Array, owner: Owner): void {
    const topic = this.#open(hash)
    topic.asks = true
    this.#outbox.add(topic, owner)
  }

  /** See `Presence`. */
  hasten(hash: Uint8Array, owner: Owner): void {
    const topic = this.#topics.get(hash)
    if (topic?.asks === true) this.#outbox.add(topic, owner)
  }

  /** What the others still have to be told keeps the topic open. */
  closeIfUnused(hash: Uint8Array): void {
    const topic = this.#topics.get(hash)
    if (topic === undefined || topic.keys.size + topic.told.size > 0 || this.#isWatched(hash)) return
    const name = nameOf(hash)
    this.#outbox.delete(topic)
    this.#topics.delete(hash)
    this.#subscriptions.get(name)?.()
    this.#subscriptions.delete(name)
  }

  /** Another server asks about the topic. */
  reply(id: string, hash: Uint8Array): void {
    this.#replies.add(id, hash)
  }

  /** A server has left. */
  dropReplies(id: string): void {
    this.#replies.drop(id)
  }

  /** See `OwnTopics`. */
  rotate(): void {
    for (const topic of this.#topics.rotate()) this.#outbox.add(topic, NOBODY)
  }

  /** The broker answers. */
  wake(): void {
    this.#outbox.wake()
  }

  /** What was told since `sinceMs` may have been lost: it is told once more, each topic in the turns of its keys' owners. */
  repeat(sinceMs: number): void {
    for (const topic of this.#topics.values()) {
      const { hash, isQuiet, newsMs } = topic
      if (newsMs === null || newsMs < sinceMs) continue
      topic.isWhole = !isQuiet
      topic.asks ||= this.#isWatched(hash)
      for (const owner of ownersOf(topic)) this.#outbox.add(topic, owner)
    }
  }

  /** Tells nothing more. */
  destroy(): void {
    this.#outbox.destroy()
  }

  #open(hash: Uint8Array): OwnTopic {
    const name = nameOf(hash)
    if (!this.#subscriptions.has(name))
      this.#subscriptions.set(name, this.#broker.subscribe(this.#broker.topicSubject(hash)))
    return this.#topics.obtain(hash)
  }

  #send(topic: OwnTopic): boolean {
    const { asks, hash } = topic
    const news = this.#topics.take(topic, this.#clock.now())
    if (news !== null) this.#publish(this.#broker.topicSubject(hash), [news], asks)
    this.closeIfUnused(hash)
    return news !== null
  }

  #publish(subject: string, topics: readonly FleetTopic[], asks: boolean): void {
    this.#broker.publish(subject, FLEET_MESSAGES.TOPICS.number, fleetTopicsBody.encode({ asks, topics }))
  }
}

/** The owners of the keys that were told. */
function ownersOf({ keys, told }: OwnTopic): Set<Owner> {
  const owners = [...told.keys()].map((name) => keys.get(name)?.owner ?? NOBODY)
  return new Set(owners.length > 0 ? owners : [NOBODY])
}
