import { type FleetTopic, MAX_FLEET_KEYS } from '@swarmway/proxy-protocol'
import type { OwnTopics } from './own-topics.js'
import { nameOf } from './own-topics.js'

/** Most keys in one answer: a broker takes messages of a megabyte. */
const MAX_KEYS = 8 * MAX_FLEET_KEYS

/** Answers servers that ask what this one has on topics: what one server asks in a turn, together. */
export class Replies {
  readonly #own: OwnTopics
  readonly #send: (id: string, topics: readonly FleetTopic[]) => void
  readonly #asked = new Map<string, Map<string, Uint8Array>>()
  #immediate: NodeJS.Immediate | null = null

  constructor(own: OwnTopics, send: (id: string, topics: readonly FleetTopic[]) => void) {
    this.#own = own
    this.#send = send
  }

  /** The server asks about the topic. */
  add(id: string, topic: Uint8Array): void {
    if (this.#own.get(topic) === undefined) return
    const topics = this.#asked.get(id) ?? new Map<string, Uint8Array>()
    this.#asked.set(id, topics.set(nameOf(topic), topic))
    this.#immediate ??= setImmediate(() => this.#flush())
  }

  /** The server has left. */
  drop(id: string): void {
    this.#asked.delete(id)
  }

  #flush(): void {
    this.#immediate = null
    for (const [id, topics] of this.#asked) this.#answer(id, topics.values())
    this.#asked.clear()
  }

  #answer(id: string, hashes: Iterable<Uint8Array>): void {
    let batch: FleetTopic[] = []
    let count = 0
    for (const hash of hashes) {
      const own = this.#own.get(hash)
      const topic = own === undefined ? null : this.#own.answer(own)
      if (topic === null) continue
      batch.push(topic)
      count += topic.added.length
      if (count < MAX_KEYS) continue
      this.#send(id, batch)
      batch = []
      count = 0
    }
    if (batch.length > 0) this.#send(id, batch)
  }
}
