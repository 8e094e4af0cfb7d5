import type { Clock } from '@swarmway/runtime'
import b4a from 'b4a'
import type { JoinedTopics } from '../discovery/joined-topics.js'
import type { Identity } from '../handshake/identity.js'
import { topicProof } from '../handshake/topic-proofs.js'
import type { PeerInfo } from '../peers/peer-info.js'
import type { OpenConnection } from './table.js'

/** Time between two slices of the work. */
const SLICE_MS = 20
/** Hashes of a slice: 12,800 a second, about a fiftieth of a core. */
const SLICE_HASHES = 256
/** Most proofs kept for a connection; further ones are dropped. */
const MAX_PROOFS_KEPT = 4096

/** What late proofs need. */
export interface LateProofsContext {
  readonly settings: { readonly clock: Clock }
  readonly identity: Identity
  readonly topics: JoinedTopics
  /** False while suspended and after destroy. */
  isActive(): boolean
}

/** Called with a topic that the peer has proved to know. */
type OnProven = (info: PeerInfo, open: OpenConnection, topic: Uint8Array) => void

/** The proofs of one connection. */
interface Unproven {
  readonly info: PeerInfo
  readonly open: OpenConnection
  /** Compared in this round, and in the next one. */
  wanted: Set<string>
  next: Set<string>
  /** Topics of this round that were not compared yet. */
  topics: Iterator<Uint8Array>
}

/**
 * Finds the topics of proofs that a handshake had no time for, once its connection is open: a little at a time, and by
 * turns among the connections, so that it costs the same however many topics and peers there are.
 */
export class LateProofs {
  readonly #context: LateProofsContext
  readonly #onProven: OnProven
  readonly #unproven = new Map<OpenConnection, Unproven>()
  #timer: unknown = null

  constructor(context: LateProofsContext, onProven: OnProven) {
    this.#context = context
    this.#onProven = onProven
  }

  /** The peer of a connection that it accepted has sent these. */
  check(info: PeerInfo, open: OpenConnection, proofs: readonly Uint8Array[]): void {
    if (proofs.length === 0) return
    const known = this.#unproven.get(open)
    const unproven = known ?? { info, open, wanted: new Set(), next: new Set(), topics: [].values() }
    this.#unproven.set(open, unproven)
    for (const proof of proofs) if (unproven.next.size < MAX_PROOFS_KEPT) unproven.next.add(b4a.toString(proof, 'hex'))
    this.#schedule()
  }

  /** The connection has closed. */
  forget(open: OpenConnection): void {
    this.#unproven.delete(open)
    if (this.#unproven.size === 0) this.#stop()
  }

  #schedule(): void {
    this.#timer ??= this.#context.settings.clock.setTimeout(() => this.#work(), SLICE_MS)
  }

  #stop(): void {
    this.#context.settings.clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #work(): void {
    this.#timer = null
    if (!this.#context.isActive()) this.#unproven.clear()
    const [turn] = this.#unproven.values()
    if (turn === undefined) return
    this.#unproven.delete(turn.open)
    if (this.#compare(turn)) this.#unproven.set(turn.open, turn)
    if (this.#unproven.size > 0) this.#schedule()
  }

  /** Returns whether there is more to do. */
  #compare(unproven: Unproven): boolean {
    for (let left = SLICE_HASHES; left > 0; left--) {
      const { done, value: topic } = unproven.topics.next()
      if (done === true) return this.#nextRound(unproven)
      const proof = b4a.toString(topicProof(topic, 'initiator', this.#keys(unproven.info)), 'hex')
      if (unproven.wanted.delete(proof)) this.#onProven(unproven.info, unproven.open, topic)
      if (unproven.wanted.size === 0) return this.#nextRound(unproven)
    }
    return true
  }

  #nextRound(unproven: Unproven): boolean {
    unproven.wanted = unproven.next
    unproven.next = new Set()
    unproven.topics = this.#context.topics.latestFirst().values()
    return unproven.wanted.size > 0
  }

  #keys(info: PeerInfo) {
    return { initiator: info.publicKey, responder: this.#context.identity.keyPair.publicKey }
  }
}
