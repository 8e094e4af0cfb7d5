import { type Clock, type MonotonicMs, RateLimit } from '@swarmway/proxy-protocol'
import type { OwnTopic } from './own-topics.js'

/** Milliseconds between two messages about one topic. */
const TOPIC_INTERVAL_MS = 100
/** Messages about topics a second; what exceeds them waits. So the end of an outage causes no storm. */
const MESSAGES_PER_SECOND = 200
/** Milliseconds until the next look while the rate is used up. */
const RATE_WAIT_MS = 25

/** What an outbox needs. */
export interface OutboxHost {
  /** Whether anything can be sent. */
  readonly isConnected: boolean
  /** Sends the news about the topic. Returns whether that took a message. */
  send(topic: OwnTopic): boolean
}

/**
 * Topics of which something is to be told, each in its turn: the first change at once, further ones together, and all
 * topics together at a bounded rate. While the broker is away they wait.
 */
export class Outbox {
  readonly #host: OutboxHost
  readonly #clock: Clock
  readonly #rate: RateLimit
  readonly #due = new Set<OwnTopic>()
  #immediate: NodeJS.Immediate | null = null
  #timer: unknown = null

  constructor(host: OutboxHost, clock: Clock) {
    this.#host = host
    this.#clock = clock
    this.#rate = new RateLimit(MESSAGES_PER_SECOND, clock)
  }

  /** Number of topics that wait. */
  get size(): number {
    return this.#due.size
  }

  add(topic: OwnTopic): void {
    this.#due.add(topic)
    this.wake()
  }

  delete(topic: OwnTopic): void {
    this.#due.delete(topic)
  }

  /** Sends what is due, in a later turn: what changes in this one goes out together. */
  wake(): void {
    if (this.#host.isConnected && this.#due.size > 0) this.#immediate ??= setImmediate(() => this.#pump())
  }

  destroy(): void {
    if (this.#immediate !== null) clearImmediate(this.#immediate)
    this.#clock.clearTimeout(this.#timer)
    this.#due.clear()
  }

  #pump(): void {
    this.#immediate = null
    if (!this.#host.isConnected) return
    const nowMs = this.#clock.now()
    let waitMs = Number.POSITIVE_INFINITY
    for (const topic of [...this.#due]) {
      const leftMs = dueInMs(topic, nowMs)
      if (leftMs > 0) waitMs = Math.min(waitMs, leftMs)
      else if (!this.#rate.isOpen) {
        waitMs = Math.min(waitMs, RATE_WAIT_MS)
        break
      } else this.#send(topic)
    }
    if (waitMs < Number.POSITIVE_INFINITY) this.#wakeIn(waitMs)
  }

  #send(topic: OwnTopic): void {
    this.#due.delete(topic)
    if (this.#host.send(topic)) this.#rate.take()
  }

  #wakeIn(waitMs: number): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = this.#clock.setTimeout(() => this.wake(), waitMs)
  }
}

function dueInMs({ toldMs }: OwnTopic, nowMs: MonotonicMs): number {
  return toldMs === null ? 0 : toldMs + TOPIC_INTERVAL_MS - nowMs
}
