import {
  ask,
  CLIENT_NOTICES,
  CLIENT_REQUESTS,
  type FoundPeer,
  QUERY_KIND,
  type QueryKind,
  tell
} from '@swarmway/proxy-protocol'
import { callApplication } from '@swarmway/runtime'
import type { DiscoveredPeer, KeyPair } from '@swarmway/swarm/core'
import b4a from 'b4a'
import type { Channel } from './channel.js'
import { RemoteQuery } from './remote-query.js'
import { assertKey, assertKeyPair } from './verify-calls.js'

type OnPeer = (peer: DiscoveredPeer) => void

/** A key pair, and how many operations use it. */
interface Signable {
  readonly keyPair: KeyPair
  operations: number
}

/** Topics and announcements: running queries, watched topics, and the announcements we asked for. */
export class RemoteQueries {
  readonly #channel: Channel
  readonly #counts: { active: number; total: number }
  readonly #running = new Map<number, RemoteQuery>()
  readonly #watchers = new Map<string, Set<OnPeer>>()
  /** Key pairs for which operations in progress (announcing or withdrawing) may ask us for signatures. */
  readonly #signable = new Map<string, Signable>()
  /** Topics in hex that may still have an announcement in the DHT. */
  readonly #announced = new Set<string>()
  /** Watched topics in hex that the server has ended in this session. */
  readonly #denied = new Set<string>()
  /** Watched topics in hex for which the server had no room. */
  readonly #refused = new Set<string>()
  #lastId = 0

  /** Counts the queries in `counts`. */
  constructor(channel: Channel, counts: { active: number; total: number }) {
    this.#channel = channel
    this.#counts = counts
  }

  /** The key pair to sign with if the server may ask for its announcement on `topic` now, else null. */
  signerOf(topic: Uint8Array, publicKey: Uint8Array): KeyPair | null {
    return this.#signable.get(signableKey(topic, publicKey))?.keyPair ?? null
  }

  /** `keyPair` is null for a lookup. */
  run(kind: QueryKind, topic: Uint8Array, keyPair: KeyPair | null): RemoteQuery {
    assertKey(topic, 'topic')
    if (keyPair !== null) assertKeyPair(keyPair)
    this.#lastId = (this.#lastId + 1) >>> 0
    const queryId = this.#lastId
    const body = { queryId, kind, topic, publicKey: keyPair?.publicKey ?? null }
    const release = keyPair === null ? ignore : this.#allowSigning(topic, keyPair)
    this.#counts.total++
    this.#counts.active++
    const query = new RemoteQuery({
      start: () => ask(this.#channel, CLIENT_REQUESTS.QUERY, body, { timeoutMs: 0 }),
      cancel: () => tell(this.#channel, CLIENT_NOTICES.QUERY_CANCEL, queryId),
      onEnd: () => {
        this.#counts.active--
        this.#running.delete(queryId)
        release()
      }
    })
    this.#running.set(queryId, query)
    if (kind === QUERY_KIND.ANNOUNCE) this.#announced.add(b4a.toString(topic, 'hex'))
    return query
  }

  /**
   * Withdraws an announcement. Without a link nobody waits for that, but the session is told if the next link resumes
   * it; a new session knows of no announcement.
   */
  async unannounce(topic: Uint8Array, keyPair: KeyPair): Promise<void> {
    assertKey(topic, 'topic')
    assertKeyPair(keyPair)
    const { session } = this.#channel
    const { publicKey } = keyPair
    this.#announced.delete(b4a.toString(topic, 'hex'))
    if (session === null) return
    const release = this.#allowSigning(topic, keyPair)
    const done = ask(session, CLIENT_REQUESTS.UNANNOUNCE, { topic, publicKey }).finally(release)
    if (session.attached) await done
    else done.catch(ignore)
  }

  findPeer(target: Uint8Array): RemoteQuery {
    return new RemoteQuery({
      start: async (query) => query.addEach(await ask(this.#channel, CLIENT_REQUESTS.FIND_PEER, target)),
      cancel: ignore,
      onEnd: ignore
    })
  }

  watch(topic: Uint8Array, onPeer: OnPeer): () => void {
    const key = b4a.toString(topic, 'hex')
    const watchers = this.#watchers.get(key) ?? new Set()
    this.#watchers.set(key, watchers.add(onPeer))
    if (watchers.size === 1) tell(this.#channel, CLIENT_NOTICES.WATCH, topic)
    return () => {
      if (!watchers.delete(onPeer) || watchers.size > 0) return
      this.#watchers.delete(key)
      this.#denied.delete(key)
      tell(this.#channel, CLIENT_NOTICES.UNWATCH, topic)
      if (!this.#refused.delete(key)) this.#watchRefused()
    }
  }

  /** The server does not watch a topic. Returns whether we still want it. */
  onWatchRefused(topic: Uint8Array): boolean {
    const key = b4a.toString(topic, 'hex')
    const isWanted = this.#watchers.has(key)
    if (isWanted) this.#refused.add(key)
    return isWanted
  }

  /** A new session does not know what is watched. */
  watchAgain(): void {
    this.#denied.clear()
    this.#refused.clear()
    for (const key of this.#watchers.keys()) tell(this.#channel, CLIENT_NOTICES.WATCH, b4a.from(key, 'hex'))
  }

  /** The server has ended a topic. Returns how we used it, so that only our own topics are reported. */
  onDenied(topic: Uint8Array): { isOurs: boolean; wasAnnounced: boolean } {
    const key = b4a.toString(topic, 'hex')
    const isWatched = this.#watchers.has(key)
    const wasAnnounced = this.#announced.has(key)
    if (isWatched) this.#denied.add(key)
    return { isOurs: isWatched || wasAnnounced, wasAnnounced }
  }

  /** The next link of the session may be granted what the last one was denied. */
  watchDenied(): void {
    for (const key of this.#denied) tell(this.#channel, CLIENT_NOTICES.WATCH, b4a.from(key, 'hex'))
  }

  /** The query's next peers are the server's clients. */
  onPresent(queryId: number): void {
    this.#running.get(queryId)?.expectPresent()
  }

  onPeers(queryId: number, peers: FoundPeer[]): void {
    this.#running.get(queryId)?.add(peers)
  }

  onWatchedPeers(topic: Uint8Array, peers: FoundPeer[]): void {
    const watchers = this.#watchers.get(b4a.toString(topic, 'hex')) ?? []
    for (const onPeer of [...watchers]) pass(onPeer, peers)
  }

  destroyAll(error: Error): void {
    for (const query of [...this.#running.values()]) query.destroy(error)
  }

  /** Room for one has come free. */
  #watchRefused(): void {
    const [key] = this.#refused
    if (key === undefined) return
    this.#refused.delete(key)
    tell(this.#channel, CLIENT_NOTICES.WATCH, b4a.from(key, 'hex'))
  }

  #allowSigning(topic: Uint8Array, keyPair: KeyPair): () => void {
    const key = signableKey(topic, keyPair.publicKey)
    const signable = this.#signable.get(key) ?? { keyPair, operations: 0 }
    this.#signable.set(key, signable)
    signable.operations++
    return () => {
      signable.operations--
      if (signable.operations === 0) this.#signable.delete(key)
    }
  }
}

function signableKey(topic: Uint8Array, publicKey: Uint8Array): string {
  return b4a.toString(topic, 'hex') + b4a.toString(publicKey, 'hex')
}

function pass(onPeer: OnPeer, peers: FoundPeer[]): void {
  for (const peer of peers) callApplication(() => onPeer({ ...peer, present: true }), ignore)
}

function ignore(): void {}
