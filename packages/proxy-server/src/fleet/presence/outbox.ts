import { type Clock, RateLimit } from '@swarmway/proxy-protocol'
import { FairQueue, type Owner } from '../../fairness/fair-queue.js'
import type { OwnTopic } from './own-topics.js'

/** Milliseconds between two messages with keys of one topic. */
const TOPIC_INTERVAL_MS = 100
/** Messages about topics a second; what exceeds them waits. So the end of an outage causes no storm. */
const MESSAGES_PER_SECOND = 200
/** Milliseconds until the next look while the rate is used up. */
const RATE_WAIT_MS = 25
/**
 * Topics that have lost their last key, which the other servers have yet to be told. While there are this many, nothing else
 * is told: clients that come and go must not leave more behind than can be told.
 */
const MAX_OWED = 16_384

/** What an outbox needs. */
export interface OutboxHost {
  /** Whether anything can be sent. */
  readonly isConnected: boolean
  /** Sends what is due about the topic. Returns whether that took a message. */
  send(topic: OwnTopic): boolean
}

/** One of those whose turn it can be when a topic goes out. */
interface Turn {
  readonly topic: OwnTopic
  readonly owner: Owner
  /** Whether it is in the queue; otherwise the topic was told a moment ago. */
  isQueued: boolean
}

/**
 * Topics that have changed. The first change goes out at once, further ones together, and all topics together at a
 * bounded rate. They go out in turn by network, then by client, so that clients which come and go on many topics do not
 * keep the others' from the fleet. A topic that several clients have changed goes out when it is the turn of one of them.
 * While the broker is away, topics wait.
 */
export class Outbox {
  readonly #host: OutboxHost
  readonly #clock: Clock
  readonly #rate: RateLimit
  readonly #queue = new FairQueue<Turn>({ kindOf: ({ topic }) => topic })
  readonly #turns = new Map<OwnTopic, Map<Owner, Turn>>()
  /** Topics with turns that are not in the queue yet. */
  readonly #early = new Set<OwnTopic>()
  readonly #owed = new Set<OwnTopic>()
  #immediate: NodeJS.Immediate | null = null
  #timer: unknown = null

  constructor(host: OutboxHost, clock: Clock) {
    this.#host = host
    this.#clock = clock
    this.#rate = new RateLimit(MESSAGES_PER_SECOND, clock)
  }

  /** Number of topics that wait. */
  get size(): number {
    return this.#turns.size
  }

  /** Something is to be told about the topic, in a turn of this owner. */
  add(topic: OwnTopic, owner: Owner): void {
    const turns = this.#turns.get(topic) ?? new Map<Owner, Turn>()
    this.#turns.set(topic, turns)
    if (topic.keys.size === 0 && topic.told.size > 0) this.#owed.add(topic)
    else this.#owed.delete(topic)
    if (!turns.has(owner)) turns.set(owner, { topic, owner, isQueued: false })
    this.#early.add(topic)
    this.wake()
  }

  delete(topic: OwnTopic): void {
    for (const turn of this.#turns.get(topic)?.values() ?? []) if (turn.isQueued) this.#queue.delete(turn.owner, turn)
    this.#turns.delete(topic)
    this.#early.delete(topic)
    this.#owed.delete(topic)
  }

  /** Sends what is due, in a later turn of the event loop: what changes in this one goes out together. */
  wake(): void {
    if (this.#host.isConnected && this.#turns.size > 0) this.#immediate ??= setImmediate(() => this.#pump())
  }

  destroy(): void {
    if (this.#immediate !== null) clearImmediate(this.#immediate)
    this.#clock.clearTimeout(this.#timer)
    this.#turns.clear()
    this.#early.clear()
  }

  #pump(): void {
    this.#immediate = null
    if (!this.#host.isConnected) return
    for (const topic of this.#early) if (this.#isDue(topic)) this.#queueTurns(topic)
    while (this.#rate.isOpen && this.#serveNext());
    const nextMs = [...this.#early].map((topic) => this.#dueInMs(topic))
    if (this.#queue.size > 0) nextMs.push(RATE_WAIT_MS)
    if (nextMs.length > 0) this.#wakeIn(nextMs.reduce((a, b) => Math.min(a, b)))
  }

  #queueTurns(topic: OwnTopic): void {
    this.#early.delete(topic)
    for (const turn of this.#turns.get(topic)?.values() ?? []) {
      if (turn.isQueued) continue
      turn.isQueued = true
      this.#queue.push(turn.owner, turn)
    }
  }

  /** Returns whether there was a turn. */
  #serveNext(): boolean {
    const isFull = this.#owed.size >= MAX_OWED
    const turn = this.#queue.shift(({ topic }) => !isFull || this.#owed.has(topic))
    if (turn === undefined) return false
    turn.isQueued = false
    if (!this.#isDue(turn.topic)) this.#early.add(turn.topic)
    else if (this.#send(turn)) return true
    // The topic went out in another's turn.
    this.#queue.refund(turn.owner)
    return true
  }

  #send({ owner, topic }: Turn): boolean {
    const turns = this.#turns.get(topic)
    turns?.delete(owner)
    if (turns?.size === 0) this.#turns.delete(topic)
    this.#owed.delete(topic)
    const isSent = this.#host.send(topic)
    if (isSent) this.#rate.take()
    return isSent
  }

  #wakeIn(waitMs: number): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = this.#clock.setTimeout(() => this.wake(), waitMs)
  }

  #isDue(topic: OwnTopic): boolean {
    return this.#dueInMs(topic) <= 0
  }

  /** A question is due at once: a client waits for the answer. */
  #dueInMs({ asks, newsMs }: OwnTopic): number {
    return asks || newsMs === null ? 0 : newsMs + TOPIC_INTERVAL_MS - this.#clock.now()
  }
}
