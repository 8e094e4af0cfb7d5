import type { Clock, FoundPeer } from '@swarmway/proxy-protocol'
import { reasonOf, trace } from '@swarmway/runtime'
import b4a from 'b4a'
import type { DhtQueue, QueryJob } from '../dht/dht-queue.js'
import type { DhtQuery, HyperDht } from '../dht/hyperdht.js'
import { withCode } from '../errors.js'
import type { Owner } from '../fairness/fair-queue.js'
import type { Counters } from '../stats/counters.js'

/** Called with peers as they are found; the same peer may come repeatedly. */
export type OnPeers = (peers: readonly FoundPeer[]) => void

/** A client's part in a lookup. */
export interface SharedLookup {
  /** Settles when the lookup does. */
  readonly done: Promise<void>
  /** The client leaves the lookup, which ends when no client is left. */
  leave(): void
}

/** What lookups need. */
export interface LookupTools {
  readonly queue: DhtQueue
  readonly clock: Clock
  readonly counters: Counters
  /** Milliseconds for which the results of an ended lookup are reused. */
  readonly cacheMs: number
  /** A lookup has ended: whether any node has answered. */
  onEvidence(isAnswered: boolean): void
}

/**
 * After its results are too old for reuse, a lookup is kept this long, and its peers are reported at once to clients
 * that wait for the next lookup. A lookup takes long when many clients dial at the same moment, because their
 * requests fill the DHT node's window. `maxDhtQueries` bounds how many lookups can end in that time, and so the
 * memory.
 */
const STALE_MS = 10_000

interface Entry {
  readonly peers: Map<string, FoundPeer>
  /** The peers found by the previous lookup. */
  readonly stale: readonly FoundPeer[]
  /** Whether it ended too long ago to be reused. */
  isOld: boolean
  /** The clients that wait for it, by what reports to them. */
  readonly listeners: Map<OnPeers, Owner>
  job: QueryJob | null
  query: DhtQuery | null
  done: Promise<void>
  isRunning: boolean
  timer: unknown
}

/** Runs one DHT lookup per topic at a time and shares it among all clients that look the topic up. */
export class SharedLookups {
  readonly #dht: HyperDht
  readonly #tools: LookupTools
  readonly #entries = new Map<string, Entry>()

  constructor(dht: HyperDht, tools: LookupTools) {
    this.#dht = dht
    this.#tools = tools
  }

  /**
   * Looks the topic up, or joins a lookup that waits, is running or has just ended. One that waits has a place in the
   * line of each of its clients, and begins when it is the turn of any.
   */
  join(topic: Uint8Array, client: Owner, onPeers: OnPeers): SharedLookup {
    const key = b4a.toString(topic, 'hex')
    const known = this.#entries.get(key)
    const entry = known === undefined || known.isOld ? this.#start(key, topic, client) : known
    if (entry === known) this.#tools.counters.lookupsShared++
    entry.job?.place.share(client)
    if (entry.stale.length + entry.peers.size > 0) onPeers([...entry.stale, ...entry.peers.values()])
    if (entry.isRunning) entry.listeners.set(onPeers, client)
    return { done: entry.done, leave: () => this.#leave(key, entry, { client, onPeers }) }
  }

  /** Stores the peers that an announcement found on its way. */
  remember(topic: Uint8Array, peers: ReadonlyMap<string, FoundPeer>): void {
    const key = b4a.toString(topic, 'hex')
    if (this.#entries.get(key)?.isRunning) return
    this.#forget(key)
    const entry: Entry = { ...newEntry([]), peers: new Map(peers), isRunning: false }
    this.#entries.set(key, entry)
    this.#expire(key, entry)
  }

  destroy(): void {
    for (const [key, { job, listeners, query }] of this.#entries) {
      this.#forget(key)
      listeners.clear()
      job?.place.cancel()
      query?.destroy()
    }
  }

  #start(key: string, topic: Uint8Array, client: Owner): Entry {
    const entry = newEntry([...(this.#entries.get(key)?.peers.values() ?? [])])
    this.#forget(key)
    this.#entries.set(key, entry)
    entry.done = this.#run(key, topic, entry, client)
    entry.done.catch(ignore)
    return entry
  }

  async #run(key: string, topic: Uint8Array, entry: Entry, client: Owner): Promise<void> {
    const { clock } = this.#tools
    const beganMs = clock.now()
    try {
      entry.job = this.#tools.queue.schedule(client, 'join', () => this.#query(topic, entry))
      await entry.job.done
      trace.server?.('lookup', { topic, peers: entry.peers.size, durationMs: clock.now() - beganMs })
      this.#expire(key, entry)
    } catch (error) {
      trace.server?.('lookup-failed', { topic, durationMs: clock.now() - beganMs, ...reasonOf(error) })
      if (this.#entries.get(key) === entry) this.#entries.delete(key)
      throw withCode(error, 'QUERY_FAILED')
    } finally {
      entry.isRunning = false
      entry.listeners.clear()
    }
  }

  async #query(topic: Uint8Array, entry: Entry): Promise<void> {
    this.#tools.counters.lookupsMade++
    const query = this.#dht.lookup(topic)
    entry.query = query
    for await (const { peers = [] } of query) {
      collect(peers, entry.peers)
      for (const listener of entry.listeners.keys()) listener(peers)
    }
    // A query that we ended ourselves says nothing about the DHT.
    if (entry.listeners.size === 0) return
    const isAnswered = query.closestReplies.length > 0
    this.#tools.onEvidence(isAnswered)
    if (!isAnswered) throw new Error('no node of the DHT has answered')
  }

  #leave(key: string, entry: Entry, { client, onPeers }: { client: Owner; onPeers: OnPeers }): void {
    if (!entry.listeners.delete(onPeers)) return
    if (entry.listeners.size > 0) {
      if (![...entry.listeners.values()].includes(client)) entry.job?.place.unshare(client)
      return
    }
    if (this.#entries.get(key) === entry) this.#entries.delete(key)
    entry.job?.place.cancel()
    entry.query?.destroy()
  }

  #expire(key: string, entry: Entry): void {
    if (this.#entries.get(key) !== entry) return
    const { cacheMs, clock } = this.#tools
    if (cacheMs === 0) this.#entries.delete(key)
    else entry.timer = clock.setTimeout(() => this.#age(key, entry), cacheMs)
  }

  #age(key: string, entry: Entry): void {
    entry.isOld = true
    if (entry.peers.size === 0) this.#entries.delete(key)
    else entry.timer = this.#tools.clock.setTimeout(() => this.#entries.delete(key), STALE_MS)
  }

  #forget(key: string): void {
    this.#tools.clock.clearTimeout(this.#entries.get(key)?.timer)
    this.#entries.delete(key)
  }
}

/** Merges peers into the known ones, by key. */
export function collect(peers: readonly FoundPeer[], into: Map<string, FoundPeer>): void {
  for (const peer of peers) into.set(b4a.toString(peer.publicKey, 'latin1'), peer)
}

function newEntry(stale: readonly FoundPeer[]): Entry {
  const [peers, listeners, done] = [new Map(), new Map<OnPeers, Owner>(), Promise.resolve()]
  return { peers, stale, isOld: false, listeners, job: null, query: null, done, isRunning: true, timer: null }
}

function ignore(): void {}
