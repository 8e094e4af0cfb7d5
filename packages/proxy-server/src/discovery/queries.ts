import { type ProxyError, QUERY_KIND, type QueryBody, withoutStack } from '@swarmway/proxy-protocol'
import { LazyMap } from '@swarmway/runtime'
import b4a from 'b4a'
import { createAbort } from '../client/abort.js'
import type { Client } from '../client/client.js'
import type { ServerServices } from '../context/services.js'
import type { QuerySlots } from '../dht/query-slots.js'
import { cancelled } from '../errors.js'
import { Pace } from '../fairness/pace.js'
import type { Keys } from '../listening/keys.js'
import { PeerReport } from '../rendezvous/peer-report.js'
import type { Announcements } from './announcements.js'
import type { OnPeers, SharedLookup } from './shared-lookups.js'

/** A client that joins all its topics at once has so many seconds' worth of `localPeersPerSecond`. */
const BURST_SECONDS = 5

/** A query in progress. */
interface Running {
  readonly topic: Uint8Array
  readonly controller: AbortController
  /** The reason why the server ended it. */
  denial: ProxyError | null
}

/** The topic queries of one client. */
export class Queries {
  readonly #context: ServerServices
  readonly #client: Client
  readonly #keys: Keys
  readonly #announcements: Announcements
  readonly #slots: QuerySlots
  readonly #pace: Pace
  readonly #running = new LazyMap<number, Running>()

  constructor(
    context: ServerServices,
    client: Client,
    keys: Keys,
    { announcements, slots }: { announcements: Announcements; slots: QuerySlots }
  ) {
    this.#context = context
    this.#client = client
    this.#keys = keys
    this.#announcements = announcements
    this.#slots = slots
    const { localPeersPerSecond } = client.limits
    this.#pace = new Pace(localPeersPerSecond, BURST_SECONDS * localPeersPerSecond, context.clock)
  }

  /** Handles QUERY. */
  async query(query: QueryBody): Promise<void> {
    if (this.#running.has(query.queryId))
      throw withoutStack('BAD_REQUEST', `query ${query.queryId} is in progress already`)
    await this.#slots.run(async () => {
      const running: Running = { topic: query.topic, controller: createAbort(), denial: null }
      this.#running.set(query.queryId, running)
      try {
        await this.#run(query, running.controller.signal)
      } catch (error) {
        throw running.denial ?? error
      } finally {
        this.#running.delete(query.queryId)
      }
    })
  }

  /** Handles UNANNOUNCE. */
  async unannounce({ topic, publicKey }: { topic: Uint8Array; publicKey: Uint8Array }): Promise<void> {
    const isInDht = this.#announcements.withdraw(topic, publicKey)
    await this.#slots.run(async () => {
      const { dht } = this.#context
      const { signal } = this.#client
      if (dht !== null && isInDht) await this.#announcements.unannounce(dht, topic, publicKey, ignore, signal)
    })
  }

  /** Handles QUERY_CANCEL. A late one is ignored. */
  cancel(queryId: number): void {
    this.#running.get(queryId)?.controller.abort()
  }

  /** Ends all queries. */
  destroy(): void {
    for (const { controller } of this.#running.values()) controller.abort()
  }

  /** The topics of the running queries. */
  topics(): Uint8Array[] {
    return [...this.#running.values()].map(({ topic }) => topic)
  }

  /** The client may no longer use the topic: ends its queries for it with this error. */
  deny(topic: Uint8Array, error: ProxyError): void {
    for (const running of this.#running.values()) {
      if (!b4a.equals(running.topic, topic)) continue
      running.denial = error
      running.controller.abort()
    }
  }

  async #run(query: QueryBody, signal: AbortSignal): Promise<void> {
    await this.#client.assertTopic(query.topic)
    await this.#inPace(query.topic, signal)
    if (signal.aborted) throw cancelled('the query')
    const report = new PeerReport(this.#client, query.queryId, [...this.#keys.list(), ...this.#context.ownKeys])
    try {
      await this.#perform(query, report, signal)
    } finally {
      if (signal.aborted) report.drop()
      else report.flush()
    }
  }

  /** To find and encode hundreds of peers takes long, compared with the request. */
  async #inPace(topic: Uint8Array, signal: AbortSignal): Promise<void> {
    const { counters, rendezvous } = this.#context
    const hasWaited = await this.#pace.take(rendezvous.countFor(topic), signal)
    if (hasWaited) counters.countLimitHit('localPeersPerSecond')
  }

  #perform({ kind, topic, publicKey }: QueryBody, report: PeerReport, signal: AbortSignal): Promise<void> {
    if (kind === QUERY_KIND.ANNOUNCE && publicKey !== null) return this.#announce(topic, publicKey, report, signal)
    if (kind === QUERY_KIND.LOOKUP_AND_UNANNOUNCE && publicKey !== null)
      return this.#lookupAndUnannounce(topic, publicKey, report, signal)
    return this.#lookup(topic, report, signal)
  }

  async #announce(topic: Uint8Array, publicKey: Uint8Array, report: PeerReport, signal: AbortSignal): Promise<void> {
    const announcement = await this.#announcements.register(topic, publicKey, signal)
    this.#reportClients(topic, report)
    const { dht } = this.#context
    const onPeers: OnPeers = (peers) => report.add(peers)
    if (dht !== null) await this.#announcements.announce(dht, announcement, onPeers, signal)
  }

  async #lookupAndUnannounce(
    topic: Uint8Array,
    publicKey: Uint8Array,
    report: PeerReport,
    signal: AbortSignal
  ): Promise<void> {
    if (!this.#announcements.withdraw(topic, publicKey)) return this.#lookup(topic, report, signal)
    this.#reportClients(topic, report)
    const { dht } = this.#context
    const onPeers: OnPeers = (peers) => report.add(peers)
    if (dht !== null) await this.#announcements.unannounce(dht, topic, publicKey, onPeers, signal)
  }

  async #lookup(topic: Uint8Array, report: PeerReport, signal: AbortSignal): Promise<void> {
    this.#reportClients(topic, report)
    const { lookups } = this.#context
    if (lookups === null) return
    const lookup = lookups.join(topic, this.#client, (peers) => report.add(peers))
    await untilAborted(lookup, signal)
  }

  #reportClients(topic: Uint8Array, report: PeerReport): void {
    report.addPresent(this.#context.rendezvous.peersFor(topic, this.#client))
  }
}

function untilAborted(lookup: SharedLookup, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => {
      lookup.leave()
      reject(cancelled('the query'))
    })
    lookup.done.then(resolve, reject)
  })
}

function ignore(): void {}
