import { type Clock, type FoundPeer, type NoticeSender, noticeOf, SERVER_NOTICES } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import type { Client } from '../client/client.js'
import type { DhtAddress } from '../dht/hyperdht.js'
import { type Announcer, Newcomers } from './newcomers.js'
import { batches } from './peer-report.js'

/** Sends encoded peers to a watcher. */
type Report = (watcher: NoticeSender) => void

/** What a topic needs from its rendezvous. */
export interface TopicHost {
  readonly maxLocalPeers: number
  readonly clock: Clock
  /** Addresses through which a client's key can be reached from outside. */
  relayAddresses(publicKey: Uint8Array): DhtAddress[]
  /** The first client came to the topic, or the last one left it. */
  onTopic(topic: Uint8Array, isOpen: boolean, client: Client): void
  /** The other servers of the fleet; null if there is none. */
  readonly fleet: TopicFleet | null
}

/** What a topic needs from the fleet. */
export interface TopicFleet {
  /** A client announces the key; another one than before, perhaps. */
  announce(topic: Uint8Array, publicKey: Uint8Array, client: Client): void
  withdraw(topic: Uint8Array, publicKey: Uint8Array): void
  /** A client watches the topic. */
  onWatcher(topic: Uint8Array, client: Client): void
  /** Keys of clients of other servers; a sample. */
  peersOn(topic: Uint8Array): FoundPeer[]
}

/** The clients on one topic: those that announce it, and those that watch for newcomers. */
export class Topic {
  readonly key: Uint8Array
  /** The DHT nodes nearest to the topic, as of the last announcement; a good starting point for the next. */
  closestNodes: DhtAddress[] | null = null
  readonly #host: TopicHost
  readonly #announcers = new Map<string, Announcer>()
  readonly #watchers = new Set<Client>()
  readonly #newcomers: Newcomers

  constructor(key: Uint8Array, host: TopicHost) {
    this.key = key
    this.#host = host
    this.#newcomers = new Newcomers(
      host.clock,
      (one) => this.#announcers.get(one.name) === one,
      (newcomers) => this.#tellWatchers(newcomers)
    )
  }

  get isEmpty(): boolean {
    return this.#announcers.size === 0 && this.#watchers.size === 0
  }

  /** Registers a key and, with `isNews`, reports it to the watchers if it is new. */
  announce(client: Client, publicKey: Uint8Array, isNews: boolean): void {
    const name = b4a.toString(publicKey, 'hex')
    const known = this.#announcers.get(name)
    if (known?.client === client) return
    const announcer = { client, publicKey, name }
    this.#announcers.set(name, announcer)
    if (isNews) this.#newcomers.add(announcer)
    if (isNews) this.#host.fleet?.announce(this.key, publicKey, client)
  }

  /** Removes a key if it belongs to the client. */
  withdraw(client: Client, publicKey: Uint8Array): void {
    const key = b4a.toString(publicKey, 'hex')
    if (this.#announcers.get(key)?.client !== client) return
    this.#announcers.delete(key)
    this.#host.fleet?.withdraw(this.key, publicKey)
  }

  /** Whether any client announces this key. */
  hasAnnouncer(publicKey: Uint8Array): boolean {
    return this.#announcers.has(b4a.toString(publicKey, 'hex'))
  }

  watch(client: Client): void {
    this.#watchers.add(client)
    this.#host.fleet?.onWatcher(this.key, client)
  }

  unwatch(client: Client): void {
    this.#watchers.delete(client)
  }

  /** Most keys that `peersFor` returns. */
  get reportedCount(): number {
    return Math.min(this.#announcers.size, this.#host.maxLocalPeers)
  }

  /** Keys of other clients, of this server and of others. */
  peersFor(client: Client): FoundPeer[] {
    const others = [...this.#announcers.values()].filter((announcer) => announcer.client !== client)
    const remote = this.#host.fleet?.peersOn(this.key) ?? []
    if (remote.length === 0) return sample(others, this.#host.maxLocalPeers).map((announcer) => this.#found(announcer))
    const elsewhere = remote.filter(({ publicKey }) => !this.hasAnnouncer(publicKey))
    const all = sample<Announcer | FoundPeer>([...others, ...elsewhere], this.#host.maxLocalPeers)
    return all.map((one) => ('client' in one ? this.#found(one) : one))
  }

  /** Reports peers to all watchers and returns their number. */
  tell(peers: readonly FoundPeer[]): number {
    for (const batch of batches(peers)) {
      const report = this.#noticeOf(batch)
      for (const watcher of this.#watchers) report(watcher)
    }
    return this.#watchers.size
  }

  /** Reports clients of other servers, except those that are here by now, to as many watchers as hear of a newcomer. */
  tellElsewhere(peers: readonly FoundPeer[]): void {
    const elsewhere = peers.filter(({ publicKey }) => !this.hasAnnouncer(publicKey))
    const reports = batches(elsewhere).map((batch) => this.#noticeOf(batch))
    for (const watcher of sample([...this.#watchers], this.#host.maxLocalPeers))
      for (const report of reports) report(watcher)
  }

  /** Reports nothing more. */
  destroy(): void {
    this.#newcomers.destroy()
  }

  /** Newcomers of one turn are reported together, encoded once for all watchers that are not among them. */
  #tellWatchers(newcomers: readonly Announcer[]): void {
    const among = new Set(newcomers.map(({ client }) => client))
    const forAll = this.#reports(newcomers)
    for (const watcher of sample([...this.#watchers], this.#host.maxLocalPeers)) {
      const reports = among.has(watcher) ? this.#reports(newcomers.filter(({ client }) => client !== watcher)) : forAll
      for (const report of reports) report(watcher)
    }
  }

  #reports(announcers: readonly Announcer[]): Report[] {
    const peers = announcers.map((announcer) => this.#found(announcer))
    return batches(peers).map((batch) => this.#noticeOf(batch))
  }

  #noticeOf(peers: FoundPeer[]): Report {
    return noticeOf(SERVER_NOTICES.PEER, { topic: this.key, peers })
  }

  #found({ publicKey }: Announcer): FoundPeer {
    return { publicKey, relayAddresses: this.#host.relayAddresses(publicKey) }
  }
}

/** `count` random items, or all items if there are fewer. */
function sample<T>(items: T[], count: number): T[] {
  if (items.length <= count) return items
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(Math.random() * (items.length - i))
    const item = items[i] as T
    items[i] = items[other] as T
    items[other] = item
  }
  return items.slice(0, count)
}
