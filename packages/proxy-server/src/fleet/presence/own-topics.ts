import { type FleetTopic, MAX_FLEET_KEYS } from '@swarmway/proxy-protocol'
import type { MonotonicMs } from '@swarmway/runtime'
import b4a from 'b4a'

/** One topic on which this server has keys, or which it watches. */
export interface OwnTopic {
  readonly hash: Uint8Array
  /** The keys that clients of this server announce, by name. */
  readonly keys: Map<string, Uint8Array>
  /** Those that the other servers have been told. */
  readonly told: Map<string, Uint8Array>
  /** Whether the others learn its keys only if they ask. */
  isQuiet: boolean
  /** Whether the others have to tell what they have. */
  asks: boolean
  /** Whether the next message says everything. */
  isWhole: boolean
  /** When the last message was sent. */
  toldMs: MonotonicMs | null
}

/**
 * What this server has to tell the others, topic by topic. Of a topic with many keys it tells a sample: the others need
 * enough peers, not all of them. So joins and leaves of a crowd cost nothing.
 */
export class OwnTopics {
  readonly #topics = new Map<string, OwnTopic>()

  get size(): number {
    return this.#topics.size
  }

  get(hash: Uint8Array): OwnTopic | undefined {
    return this.#topics.get(nameOf(hash))
  }

  values(): Iterable<OwnTopic> {
    return this.#topics.values()
  }

  /** The topic, created if it is not there. */
  obtain(hash: Uint8Array): OwnTopic {
    const name = nameOf(hash)
    const topic = this.#topics.get(name) ?? newTopic(hash)
    this.#topics.set(name, topic)
    return topic
  }

  delete(hash: Uint8Array): void {
    this.#topics.delete(nameOf(hash))
  }

  /** The news about the topic; null if there is none. Counts as told. */
  take(topic: OwnTopic, nowMs: MonotonicMs): FleetTopic | null {
    const { asks, hash, isQuiet, isWhole, keys, told } = topic
    const removed = [...told].filter(([name]) => !keys.has(name))
    for (const [name] of removed) told.delete(name)
    const added = isQuiet ? [] : fill(told, keys)
    if (added.length + removed.length === 0 && !asks && !isWhole) return null
    Object.assign(topic, { asks: false, isWhole: false, toldMs: nowMs })
    const whole = { isWhole: true, added: [...told.values()], removed: [] }
    const change = { isWhole: false, added, removed: removed.map(([, key]) => key) }
    return { topic: hash, total: keys.size, ...(isWhole ? whole : change) }
  }

  /** The answer to a server that asks about the topic; null if there is no key. */
  answer({ hash, isQuiet, keys, told }: OwnTopic): FleetTopic | null {
    if (isQuiet) fill(told, keys)
    const added = [...told].filter(([name]) => keys.has(name)).map(([, key]) => key)
    return added.length === 0 ? null : { topic: hash, isWhole: true, total: keys.size, added, removed: [] }
  }

  /** Chooses other keys of the topics that have more than are told, so that not the same ones are dialled by everybody. */
  rotate(): OwnTopic[] {
    const crowded = [...this.#topics.values()].filter(({ isQuiet, keys }) => !isQuiet && keys.size > MAX_FLEET_KEYS)
    for (const topic of crowded) {
      topic.told.clear()
      for (const [name, key] of sample([...topic.keys], MAX_FLEET_KEYS)) topic.told.set(name, key)
      topic.isWhole = true
    }
    return crowded
  }
}

/** Tells further keys, while there is room. Returns those. */
function fill(told: Map<string, Uint8Array>, keys: ReadonlyMap<string, Uint8Array>): Uint8Array[] {
  const added: Uint8Array[] = []
  if (told.size >= MAX_FLEET_KEYS) return added
  for (const [name, key] of keys) {
    if (told.size >= MAX_FLEET_KEYS) break
    if (told.has(name)) continue
    told.set(name, key)
    added.push(key)
  }
  return added
}

function newTopic(hash: Uint8Array): OwnTopic {
  return { hash, keys: new Map(), told: new Map(), isQuiet: true, asks: false, isWhole: false, toldMs: null }
}

/** `count` random items. */
function sample<T>(items: T[], count: number): T[] {
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(Math.random() * (items.length - i))
    const [a, b] = [items[i], items[other]]
    if (a !== undefined && b !== undefined) [items[i], items[other]] = [b, a]
  }
  return items.slice(0, count)
}

/** The name of a key or a hash in maps. */
export function nameOf(bytes: Uint8Array): string {
  return b4a.toString(bytes, 'hex')
}
