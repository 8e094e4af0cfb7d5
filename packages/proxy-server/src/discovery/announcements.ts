import { randomBytes } from 'node:crypto'
import type { FoundPeer } from '@swarmway/proxy-protocol'
import { SIGN_KIND } from '@swarmway/proxy-protocol'
import { LazyMap, trace } from '@swarmway/runtime'
import b4a from 'b4a'
import type { Client } from '../client/client.js'
import type { ServerServices } from '../context/services.js'
import { type AnnounceOrder, announceKey, withdrawKey } from '../dht/announce.js'
import type { QueryPurpose } from '../dht/dht-queue.js'
import type { HyperDht } from '../dht/hyperdht.js'
import { runInTurn } from '../dht/run-query.js'
import { signedBy } from '../dht/signers.js'
import { cancelled, denied } from '../errors.js'
import type { Keys } from '../listening/keys.js'
import { collect, type OnPeers } from './shared-lookups.js'

interface Announcement {
  readonly topic: Uint8Array
  readonly publicKey: Uint8Array
  /** Whether it has been sent into the DHT, so that it may have to be withdrawn there. */
  isInDht: boolean
  /** Ends it; only for a key that the client does not listen on. */
  expiry: unknown
}

/** Milliseconds that an announcement of a key without a listener lasts; as long as a record in the DHT. */
const HELD_KEY_MS = 20 * 60_000

/** The keys that one client announces, by topic. */
export class Announcements {
  readonly #context: ServerServices
  readonly #client: Client
  readonly #keys: Keys
  readonly #announced = new LazyMap<string, Announcement>()

  constructor(context: ServerServices, client: Client, keys: Keys) {
    this.#context = context
    this.#client = client
    this.#keys = keys
  }

  get size(): number {
    return this.#announced.size
  }

  /** The topics. */
  topics(): Uint8Array[] {
    return [...this.#announced.values()].map(({ topic }) => topic)
  }

  /**
   * Registers the key on the topic; other clients see it at once. A key that the client does not listen on takes a
   * signature, and the announcement ends after a while unless it is repeated.
   * Rejects with `AUTH_DENIED` if the client does not hold the key, `LIMIT`, or `ABORTED`.
   */
  async register(topic: Uint8Array, publicKey: Uint8Array, signal: AbortSignal): Promise<Announcement> {
    const known = this.#announced.get(keyOf(topic, publicKey))
    if (known === undefined) this.#assertRoom()
    // Without a pause if none is needed: other clients are to see it at once.
    const isHeld = this.#keys.has(publicKey) || (await this.#keys.holds(publicKey))
    if (!isHeld) await this.#assertHeld(topic, publicKey, signal)
    if (signal.aborted) throw cancelled('the query')
    return this.#register(topic, publicKey)
  }

  #register(topic: Uint8Array, publicKey: Uint8Array): Announcement {
    const key = keyOf(topic, publicKey)
    const known = this.#announced.get(key)
    if (known === undefined) this.#assertRoom()
    const announcement = known ?? { topic, publicKey, isInDht: false, expiry: null }
    this.#announced.set(key, announcement)
    this.#setExpiry(announcement)
    this.#context.rendezvous.announce(topic, this.#client, publicKey)
    return announcement
  }

  /** A client that has lost its key to a newer session of its own does not announce it beside that. */
  async #assertHeld(topic: Uint8Array, publicKey: Uint8Array, signal: AbortSignal): Promise<void> {
    const assertUnused = (): void => {
      if (this.#context.listeners.get(publicKey) !== null) throw denied('another client listens on this key')
    }
    assertUnused()
    await assertHeld(this.#client, topic, publicKey, signal)
    assertUnused()
  }

  #setExpiry(announcement: Announcement): void {
    const { clock } = this.#context
    const { publicKey, topic } = announcement
    clock.clearTimeout(announcement.expiry)
    const expire = (): void => void this.withdraw(topic, publicKey)
    announcement.expiry = this.#keys.has(publicKey) ? null : clock.setTimeout(expire, HELD_KEY_MS)
  }

  #assertRoom(): void {
    if (this.#announced.size >= this.#client.limits.maxTopics) throw this.#client.atLimit('maxTopics', 'announcements')
  }

  /** Announces in the DHT. Peers found on the way are reported, and remembered for the lookups of other clients. */
  async announce(dht: HyperDht, announcement: Announcement, onPeers: OnPeers, signal: AbortSignal): Promise<void> {
    const { publicKey, topic } = announcement
    const listener = this.#context.listeners.get(publicKey)
    await listener?.ready
    if (this.#announced.get(keyOf(topic, publicKey)) !== announcement) throw denied('the announcement was withdrawn')
    const found = new Map<string, FoundPeer>()
    const isFirst = !announcement.isInDht
    const order = {
      ...{ dht, topic, publicKey, signal },
      relayAddresses: listener?.relayAddresses.slice(0, 3) ?? [],
      onPeers: (peers: readonly FoundPeer[]) => {
        collect(peers, found)
        onPeers(peers)
      }
    }
    const closestNodes = await this.#inTurn(isFirst ? 'join' : 'refresh', order, (complete) => {
      this.#context.counters.announces++
      announcement.isInDht = true
      return announceKey(complete, isFirst)
    })
    this.#context.lookups?.remember(topic, found)
    trace.server?.('announced', { topic, peers: found.size })
    if (closestNodes.length > 0) this.#context.rendezvous.setClosestNodes(topic, closestNodes)
  }

  /**
   * Withdraws from the rendezvous. Returns whether the DHT may still hold it; false if a newer session announces the
   * same key.
   */
  withdraw(topic: Uint8Array, publicKey: Uint8Array): boolean {
    const key = keyOf(topic, publicKey)
    const known = this.#announced.get(key)
    this.#announced.delete(key)
    this.#context.clock.clearTimeout(known?.expiry)
    this.#context.rendezvous.withdraw(topic, this.#client, publicKey)
    if (this.#context.rendezvous.isAnnounced(topic, publicKey)) return false
    return known?.isInDht ?? true
  }

  /** Withdraws from the DHT, and reports the peers found on the way. */
  async unannounce(
    dht: HyperDht,
    topic: Uint8Array,
    publicKey: Uint8Array,
    onPeers: OnPeers,
    signal: AbortSignal
  ): Promise<void> {
    await this.#inTurn('leave', { dht, topic, publicKey, relayAddresses: [], onPeers, signal }, withdrawKey)
  }

  /** Withdraws every announcement from the DHT; used when the server ends, while clients can still sign. */
  async unannounceAll(dht: HyperDht): Promise<void> {
    const inDht = [...this.#announced.values()].filter((announcement) => announcement.isInDht)
    const { signal } = this.#client
    const all = inDht.map(({ topic, publicKey }) => this.unannounce(dht, topic, publicKey, ignore, signal))
    await Promise.allSettled(all)
  }

  /** The client may no longer use the topic. */
  dropTopic(topic: Uint8Array): void {
    for (const { topic: announced, publicKey } of [...this.#announced.values()])
      if (b4a.equals(announced, topic)) this.withdraw(announced, publicKey)
  }

  /** The client no longer has the key. */
  dropKey(publicKey: Uint8Array): void {
    for (const { topic, publicKey: announced } of [...this.#announced.values()])
      if (b4a.equals(announced, publicKey)) this.withdraw(topic, announced)
  }

  /**
   * Withdraws everything from the rendezvous. Records in the DHT stay there until they expire after some 20 minutes,
   * because a withdrawal needs a signature and the client is gone.
   */
  destroy(): void {
    for (const { topic, publicKey } of [...this.#announced.values()]) this.withdraw(topic, publicKey)
  }

  #inTurn<T>(
    purpose: QueryPurpose,
    order: Omit<AnnounceOrder, 'closestNodes' | 'onEvidence' | 'place' | 'sign'>,
    task: (order: AnnounceOrder) => Promise<T>
  ): Promise<T> {
    const { dhtHealth, queue, rendezvous } = this.#context
    const { signal, topic } = order
    const client = this.#client
    const sign: AnnounceOrder['sign'] = (body) => client.sign(body, signal)
    return runInTurn({ queue, client, purpose, signal }, (place) =>
      task({
        ...{ ...order, place, sign },
        closestNodes: rendezvous.closestNodes(topic) ?? [],
        onEvidence: (isAnswered) => dhtHealth.onEvidence(isAnswered)
      })
    )
  }
}

function keyOf(topic: Uint8Array, publicKey: Uint8Array): string {
  return b4a.toString(topic, 'hex') + b4a.toString(publicKey, 'hex')
}

function ignore(): void {}

/**
 * Resolves if the client holds a key that it does not listen on: it has to sign an announcement of the key on the
 * topic for a node that does not exist. Clients sign only what they asked to be announced, so this takes no further
 * kind of proof. Rejects with AUTH_DENIED, or as a request to the client does.
 */
async function assertHeld(
  client: Client,
  topic: Uint8Array,
  publicKey: Uint8Array,
  signal: AbortSignal
): Promise<void> {
  const [nodeId, token] = [randomBytes(32), randomBytes(32)]
  const body = { kind: SIGN_KIND.ANNOUNCE, publicKey, target: topic, nodeId, token, relayAddresses: [] }
  await signedBy((request) => client.sign(request, signal), body)
}
