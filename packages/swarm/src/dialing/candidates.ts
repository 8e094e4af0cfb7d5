import type { ConnectionLimits } from '../connections/limits.js'
import type { ConnectionTable } from '../connections/table.js'
import type { JoinedTopics } from '../discovery/joined-topics.js'
import type { PeerInfo } from '../peers/peer-info.js'
import { PRIORITY } from '../peers/priority.js'
import { DialQueue } from './dial-queue.js'
import { LimitedPeers } from './limited-peers.js'

/** What the candidates depend on. */
export interface CandidatesContext {
  readonly settings: { readonly random: () => number }
  readonly limits: ConnectionLimits
  readonly table: ConnectionTable
  readonly topics: JoinedTopics
}

/** Decides about the peers whose turn it is. */
export interface CandidatesListener {
  /** Whether anything still asks for the peer. */
  isWanted(info: PeerInfo): boolean
  /** The peer had its turn and is not dialled: there is no room on its topics, or, if `isDropped`, no need. */
  onSkipped(info: PeerInfo, isDropped: boolean): void
}

/** The peers that may be dialled: those in the queue, and those that wait because all their topics are at their limits. */
export class DialCandidates {
  readonly #context: CandidatesContext
  readonly #listener: CandidatesListener
  readonly #queue: DialQueue
  /** Queued again when a slot is freed. */
  readonly #limited = new LimitedPeers()

  constructor(context: CandidatesContext, listener: CandidatesListener) {
    this.#context = context
    this.#listener = listener
    this.#queue = new DialQueue(context.settings.random)
  }

  /** How many are queued. */
  get size(): number {
    return this.#queue.size
  }

  /** Those that are queued. */
  queued(): PeerInfo[] {
    return [...this.#queue]
  }

  add(info: PeerInfo): void {
    this.#queue.add(info)
  }

  /** Puts a queued peer where it belongs now that more, or less, speaks for it. */
  promote(info: PeerInfo): void {
    if (this.#queue.remove(info)) this.#queue.add(info)
  }

  remove(info: PeerInfo): void {
    this.#queue.remove(info)
    this.#limited.delete(info)
  }

  /** The limits of its topics hold the peer back no longer. */
  unlimit(info: PeerInfo): void {
    this.#limited.delete(info)
  }

  /** Removes and returns the next peer to dial; null if there is none, or if the limits leave no room. */
  next(): PeerInfo | null {
    const { limits, table, topics } = this.#context
    while (this.#queue.headPriority >= PRIORITY.explicit || (this.#queue.size > 0 && limits.canDial())) {
      const info = this.#queue.shift()
      if (info === null) return null
      const isDropped = info.banned || table.isTaken(info) || !this.#listener.isWanted(info)
      const joined = topics.joined(info.topics)
      if (!isDropped && (info.explicit || limits.hasTopicRoom(joined))) return info
      if (!isDropped) this.#limited.add(info, joined)
      this.#listener.onSkipped(info, isDropped)
    }
    return null
  }

  /** Removes and returns the peers that the topic's limit held back. */
  takeLimited(topic: Uint8Array): PeerInfo[] {
    return this.#limited.takeAll(topic)
  }

  /** Removes and returns as many of the peers that were held back as there is room for now. */
  takeFitting(): PeerInfo[] {
    const { limits, topics } = this.#context
    return this.#limited.take((topic) =>
      topics.joined([topic]).reduce((room, joined) => room + limits.roomOn(joined), 0)
    )
  }

  clear(): void {
    for (const info of this.queued()) this.#queue.remove(info)
    this.#limited.clear()
  }
}
