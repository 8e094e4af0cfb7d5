import { type FleetTopic, MAX_FLEET_KEYS } from '@swarmway/proxy-protocol'
import type { MonotonicMs } from '@swarmway/runtime'
import b4a from 'b4a'
import type { Owner } from '../../fairness/fair-queue.js'

/** A key that a client of this server announces. */
export interface OwnKey {
  readonly publicKey: Uint8Array
  /** Whose turn it takes. */
  readonly owner: Owner
}

/** One topic on which this server has keys, or which it watches. */
export interface OwnTopic {
  readonly hash: Uint8Array
  /** The keys that clients of this server announce, by name. */
  readonly keys: Map<string, OwnKey>
  /** Those that other servers know, by name; also some that were withdrawn, until that is told. */
  readonly told: Map<string, Uint8Array>
  /** Names of those that only servers know that have asked. */
  readonly unsent: Set<string>
  /** Whether the others learn its keys only if they ask. */
  isQuiet: boolean
  /** Whether the others have to tell what they have. */
  asks: boolean
  /** Whether the next message says everything. */
  isWhole: boolean
  /** When keys were last sent to everybody. */
  newsMs: MonotonicMs | null
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

  /** The message that is due about the topic; null if there is none. Counts as told. */
  take(topic: OwnTopic, nowMs: MonotonicMs): FleetTopic | null {
    const { asks, hash, isQuiet, isWhole, keys, told, unsent } = topic
    const removed = forgetWithdrawn(topic)
    if (!isQuiet) fill(topic)
    const added = isQuiet ? [] : [...unsent].flatMap((name) => told.get(name) ?? [])
    const isNews = added.length + removed.length > 0 || isWhole
    if (!isNews && !asks) return null
    unsent.clear()
    Object.assign(topic, { asks: false, isWhole: false, newsMs: isNews ? nowMs : topic.newsMs })
    const whole = { isWhole: true, added: [...told.values()], removed: [] }
    return { topic: hash, total: keys.size, ...(isWhole ? whole : { isWhole: false, added, removed }) }
  }

  /** The answer to a server that asks about the topic; null if there is no key. */
  answer(topic: OwnTopic): FleetTopic | null {
    const { hash, keys, told } = topic
    fill(topic)
    const added = [...told].filter(([name]) => keys.has(name)).map(([, key]) => key)
    return added.length === 0 ? null : { topic: hash, isWhole: true, total: keys.size, added, removed: [] }
  }

  /** Chooses other keys of the topics that have more than are told, so that not the same ones are dialled by everybody. */
  rotate(): OwnTopic[] {
    const crowded = [...this.#topics.values()].filter(({ isQuiet, keys }) => !isQuiet && keys.size > MAX_FLEET_KEYS)
    for (const topic of crowded) {
      topic.told.clear()
      for (const [name, { publicKey }] of sample(topic.keys, MAX_FLEET_KEYS)) topic.told.set(name, publicKey)
      topic.isWhole = true
    }
    return crowded
  }
}

/** Tells further keys, while there is room. */
function fill({ keys, told, unsent }: OwnTopic): void {
  if (told.size >= MAX_FLEET_KEYS) return
  for (const [name, { publicKey }] of keys) {
    if (told.size >= MAX_FLEET_KEYS) break
    if (told.has(name)) continue
    told.set(name, publicKey)
    unsent.add(name)
  }
}

/** Returns the keys that were told and then withdrawn. */
function forgetWithdrawn({ keys, told, unsent }: OwnTopic): Uint8Array[] {
  const withdrawn = [...told].filter(([name]) => !keys.has(name))
  for (const [name] of withdrawn) {
    told.delete(name)
    unsent.delete(name)
  }
  return withdrawn.map(([, key]) => key)
}

function newTopic(hash: Uint8Array): OwnTopic {
  return {
    hash,
    keys: new Map(),
    told: new Map(),
    unsent: new Set(),
    isQuiet: true,
    asks: false,
    isWhole: false,
    newsMs: null
  }
}

/** Random keys, as many of one network as of another if they have enough: a crowd of one host does not hide the others. */
function sample(keys: OwnTopic['keys'], count: number): [string, OwnKey][] {
  const lines = new Map<string, [string, OwnKey][]>()
  for (const entry of shuffled([...keys])) {
    const { network } = entry[1].owner
    const line = lines.get(network)
    if (line === undefined) lines.set(network, [entry])
    else line.push(entry)
  }
  const chosen: [string, OwnKey][] = []
  for (let turn = 0; chosen.length < Math.min(count, keys.size); turn++)
    for (const line of lines.values()) chosen.push(...line.slice(turn, turn + 1))
  return chosen.slice(0, count)
}

/** Fisher and Yates. */
function shuffled<T>(items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const other = Math.floor(Math.random() * (i + 1))
    const [a, b] = [items[i], items[other]]
    if (a !== undefined && b !== undefined) [items[i], items[other]] = [b, a]
  }
  return items
}

/** The name of a key or a hash in maps. */
export function nameOf(bytes: Uint8Array): string {
  return b4a.toString(bytes, 'hex')
}
