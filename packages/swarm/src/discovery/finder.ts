import type { Connection } from '../network/connection.js'
import type { Address } from '../network/dht-node.js'

/** How a topic is joined: to find, to be found. */
export interface FindingMode {
  isClient: boolean
  isServer: boolean
}

/** Learns what a {@link PeerFinder} finds. */
export interface FinderListener {
  /** A peer of the topic is at `address`. `isNews` is false if it has been there before. */
  onPeer(publicKey: Uint8Array, address: Address, isNews: boolean): void
  /** A peer that was found is no longer there, or its last topic was ended. */
  onGone(publicKey: Uint8Array): void
}

/** A topic as a {@link PeerFinder} works on it. Until the first `update` it does nothing. */
export interface FinderTopic {
  update(mode: FindingMode): void
  /** Resolves when those who are there now have had the time to answer. Does not depend on the node's network. */
  flushed(): Promise<void>
  /** Ends it, at once. */
  end(): void
}

/** Finds peers of topics without the node's help, for instance on the local network. */
export interface PeerFinder {
  join(topic: Uint8Array, listener: FinderListener): FinderTopic
  /** Something about the network has changed: look again. */
  refresh(): void
  /** Whether the remote end of the connection is where this finder looks. */
  isLocal(connection: Connection): boolean
  /** Ends all topics. Resolves when nothing is left open. */
  destroy(): Promise<void>
}

/** What the finders of a swarm do for one topic. */
export class TopicFinders {
  readonly #topics: FinderTopic[]

  constructor(finders: readonly PeerFinder[], topic: Uint8Array, listener: FinderListener) {
    this.#topics = finders.map((finder) => finder.join(topic, listener))
  }

  update(mode: FindingMode): void {
    for (const topic of this.#topics) topic.update(mode)
  }

  async flushed(): Promise<void> {
    await Promise.all(this.#topics.map((topic) => topic.flushed()))
  }

  end(): void {
    for (const topic of this.#topics) topic.end()
  }
}
