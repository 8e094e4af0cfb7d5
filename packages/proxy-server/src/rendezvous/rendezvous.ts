import type { FoundPeer } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import type { Client } from '../client/client.js'
import { Topic, type TopicHost } from './topic.js'

/** Lets clients of one server find each other without the DHT. */
export class Rendezvous {
  readonly #host: TopicHost
  readonly #connectsClients: boolean
  readonly #topics = new Map<string, Topic>()

  /** With `connectsClients` false, it keeps its records but reports no client to another. */
  constructor(host: TopicHost, connectsClients: boolean) {
    this.#host = host
    this.#connectsClients = connectsClients
  }

  /** Number of topics that any client announces or watches. */
  get size(): number {
    return this.#topics.size
  }

  announce(topic: Uint8Array, client: Client, publicKey: Uint8Array): void {
    this.#open(topic, client).announce(client, publicKey, this.#connectsClients)
  }

  withdraw(topic: Uint8Array, client: Client, publicKey: Uint8Array): void {
    this.#close(topic, client, (open) => open.withdraw(client, publicKey))
  }

  /** Whether any client announces this key on the topic. */
  isAnnounced(topic: Uint8Array, publicKey: Uint8Array): boolean {
    return this.#topics.get(keyOf(topic))?.hasAnnouncer(publicKey) ?? false
  }

  watch(topic: Uint8Array, client: Client): void {
    this.#open(topic, client).watch(client)
  }

  unwatch(topic: Uint8Array, client: Client): void {
    this.#close(topic, client, (open) => open.unwatch(client))
  }

  /** Reports a peer to every client that watches the topic, and returns the number of those clients. */
  tell(topic: Uint8Array, peer: FoundPeer): number {
    return this.#topics.get(keyOf(topic))?.tell([peer]) ?? 0
  }

  /** Clients of other servers have appeared on the topic. */
  tellElsewhere(topic: Uint8Array, peers: readonly FoundPeer[]): void {
    this.#topics.get(keyOf(topic))?.tellElsewhere(peers)
  }

  /** Keys of other clients on the topic. */
  peersFor(topic: Uint8Array, client: Client): FoundPeer[] {
    return (this.#connectsClients && this.#topics.get(keyOf(topic))?.peersFor(client)) || []
  }

  /** Most keys that `peersFor` returns. */
  countFor(topic: Uint8Array): number {
    return this.#connectsClients ? (this.#topics.get(keyOf(topic))?.reportedCount ?? 0) : 0
  }

  /** The DHT nodes nearest to a topic that some client announces, if known. */
  closestNodes(topic: Uint8Array): Topic['closestNodes'] {
    return this.#topics.get(keyOf(topic))?.closestNodes ?? null
  }

  /** Stores the DHT nodes nearest to a topic. */
  setClosestNodes(topic: Uint8Array, nodes: Topic['closestNodes']): void {
    const open = this.#topics.get(keyOf(topic))
    if (open !== undefined) open.closestNodes = nodes
  }

  destroy(): void {
    for (const topic of this.#topics.values()) topic.destroy()
    this.#topics.clear()
  }

  #open(topic: Uint8Array, client: Client): Topic {
    const key = keyOf(topic)
    const known = this.#topics.get(key)
    if (known !== undefined) return known
    const open = new Topic(topic, this.#host)
    this.#topics.set(key, open)
    this.#host.onTopic(topic, true, client)
    return open
  }

  #close(topic: Uint8Array, client: Client, change: (open: Topic) => void): void {
    const key = keyOf(topic)
    const open = this.#topics.get(key)
    if (open === undefined) return
    change(open)
    if (!open.isEmpty) return
    open.destroy()
    this.#topics.delete(key)
    this.#host.onTopic(topic, false, client)
  }
}

function keyOf(topic: Uint8Array): string {
  return b4a.toString(topic, 'hex')
}
