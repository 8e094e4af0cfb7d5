import { type FleetTopic, MAX_FLEET_KEYS } from '@swarmway/proxy-protocol'
import { nameOf } from './own-topics.js'
import type { FleetServer, PresenceChange } from './presence.js'

type Keys = Map<string, Uint8Array>

/** A topic that this server watches. */
interface Watched {
  readonly onChange: Set<(change: PresenceChange) => void>
  /** Keys by server. */
  readonly keys: Map<string, { server: FleetServer; keys: Keys }>
}

/**
 * The keys that other servers have told, on the topics that this server watches. Each server may tell so many of a topic:
 * one that lies takes no room from the others.
 */
export class OthersTopics {
  readonly #watched = new Map<string, Watched>()

  /** The topics. */
  names(): Iterable<string> {
    return this.#watched.keys()
  }

  has(topic: Uint8Array): boolean {
    return this.#watched.has(nameOf(topic))
  }

  /** Returns whether it is the first watcher of the topic. What is known is reported at once. */
  watch(topic: Uint8Array, onChange: (change: PresenceChange) => void): boolean {
    const name = nameOf(topic)
    const known = this.#watched.get(name)
    const watched = known ?? { onChange: new Set(), keys: new Map() }
    this.#watched.set(name, watched)
    watched.onChange.add(onChange)
    for (const { keys, server } of watched.keys.values()) onChange({ server, added: [...keys.values()] })
    return known === undefined
  }

  /** Returns whether nobody watches the topic any more. */
  unwatch(topic: Uint8Array, onChange: (change: PresenceChange) => void): boolean {
    const name = nameOf(topic)
    const watched = this.#watched.get(name)
    if (watched === undefined || !watched.onChange.delete(onChange) || watched.onChange.size > 0) return false
    return this.#watched.delete(name)
  }

  *keysOn(topic: Uint8Array): Iterable<{ publicKey: Uint8Array; server: FleetServer }> {
    for (const { keys, server } of this.#watched.get(nameOf(topic))?.keys.values() ?? [])
      for (const publicKey of keys.values()) yield { publicKey, server }
  }

  /** A server has told something. Topics that nobody watches here are ignored. */
  apply(server: FleetServer, { added, isWhole, removed, topic }: FleetTopic): void {
    const watched = this.#watched.get(nameOf(topic))
    if (watched === undefined) return
    const before = watched.keys.get(server.id)?.keys ?? new Map<string, Uint8Array>()
    const news = added.filter((key) => !before.has(nameOf(key)))
    const keys: Keys = isWhole ? new Map() : before
    for (const key of removed) keys.delete(nameOf(key))
    for (const key of added) if (keys.size < MAX_FLEET_KEYS) keys.set(nameOf(key), key)
    if (keys.size > 0) watched.keys.set(server.id, { server, keys })
    else watched.keys.delete(server.id)
    if (news.length > 0) for (const onChange of [...watched.onChange]) onChange({ server, added: news })
  }

  /** A server has left. */
  drop({ id }: FleetServer): void {
    for (const { keys } of this.#watched.values()) keys.delete(id)
  }
}
