import b4a from 'b4a'
import { invalidArgument } from '../errors.js'
import { copyOf } from '../util/keys.js'
import { type TopicHex, topicHex } from '../util/topic.js'
import type { DiscoveryContext } from './discovery-context.js'
import type { JoinedTopic, JoinedTopics } from './joined-topics.js'
import { PeerDiscovery } from './peer-discovery.js'
import type { Timetable } from './timetable.js'

/** The topics that a swarm has joined. */
export class Topics implements JoinedTopics {
  readonly #context: DiscoveryContext
  readonly #discoveries = new Map<TopicHex, PeerDiscovery>()
  /** Topics that are being left: a join of the same topic waits until that is done. */
  readonly #leaving = new Map<TopicHex, Promise<void>>()
  /** Those whose re-lookups wait until more peers may be dialled than are known. */
  readonly #putOff = new Set<Timetable>()

  /** Null after a change. */
  #latestFirst: readonly Uint8Array[] | null = null

  constructor(context: DiscoveryContext) {
    this.#context = context
  }

  get(topic: Uint8Array): PeerDiscovery | undefined {
    return this.#discoveries.get(topicHex(topic))
  }

  /** The topic's discovery, created if the topic is not joined. A topic keeps the group it was first joined for. */
  join(topic: Uint8Array, suspended: boolean, group: Uint8Array | null = null): PeerDiscovery {
    const key = topicHex(topic)
    const joined = this.#discoveries.get(key)
    if (joined !== undefined) return assertGroup(joined, group)
    const wait = this.#leaving.get(key) ?? null
    const discovery = new PeerDiscovery(
      this.#context,
      copyOf(topic),
      suspended,
      wait,
      group && copyOf(group),
      this.#putOff
    )
    this.#discoveries.set(key, discovery)
    this.#latestFirst = null
    return discovery
  }

  /** Resolves when the topic is withdrawn. */
  leave(topic: Uint8Array, isForced = false): Promise<void> {
    const key = topicHex(topic)
    const discovery = this.#discoveries.get(key)
    if (discovery === undefined) return this.#leaving.get(key) ?? Promise.resolve()
    this.#discoveries.delete(key)
    this.#latestFirst = null
    const left = discovery.destroy(isForced).finally(() => {
      if (this.#leaving.get(key) === left) this.#leaving.delete(key)
      this.#fillRoom()
    })
    this.#leaving.set(key, left)
    return left
  }

  /** Room for one more topic has come free. */
  #fillRoom(): void {
    const waiting = [...this].find((discovery) => discovery.isAtLimit)
    waiting?.refreshLater()
  }

  /** Leaves all topics. */
  async clear(isForced = false): Promise<void> {
    const left = [...this].map((discovery) => this.leave(discovery.topic, isForced))
    await Promise.all([...left, ...(isForced ? [] : this.#leaving.values())])
  }

  async suspend(): Promise<void> {
    await Promise.all([...this].map((discovery) => discovery.suspend()))
  }

  resume(): void {
    for (const discovery of this) discovery.resume()
  }

  restart(): void {
    for (const discovery of this) discovery.restart()
  }

  refreshLater(): void {
    for (const discovery of this) discovery.refreshLater()
  }

  /** More peers may be dialled than are known. */
  lookAgain(): void {
    for (const timetable of this.#putOff) timetable.lookAgain()
  }

  /** Resolves when every lookup and announce in progress is done. */
  async flushed(): Promise<void> {
    await Promise.all([...this].map((discovery) => discovery.flushed()))
  }

  latestFirst(): readonly Uint8Array[] {
    this.#latestFirst ??= [...this].map(({ topic }) => topic).reverse()
    return this.#latestFirst
  }

  *groups(): IterableIterator<Uint8Array | null> {
    for (const discovery of this) yield discovery.group
  }

  joined(topics: readonly Uint8Array[]): JoinedTopic[] {
    const joined: JoinedTopic[] = []
    for (const topic of topics) {
      const discovery = this.get(topic)
      if (discovery !== undefined) joined.push({ topic, limit: discovery.limit, group: discovery.group })
    }
    return joined
  }

  [Symbol.iterator](): IterableIterator<PeerDiscovery> {
    return this.#discoveries.values()
  }
}

/** Throws a `TypeError` if the topic is joined for another group or for none: strangers may then be on it. */
function assertGroup(discovery: PeerDiscovery, group: Uint8Array | null): PeerDiscovery {
  if (group === null || (discovery.group !== null && b4a.equals(discovery.group, group))) return discovery
  throw invalidArgument('group', 'the group that the topic is joined for already (leave the topic first)', group)
}
