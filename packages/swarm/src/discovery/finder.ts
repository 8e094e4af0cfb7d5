import type { Connection } from '../network/connection.js'
import type { Address } from '../network/dht-node.js'

/** The mode of a join: to find peers, to be found. */
export interface FindingMode {
  isClient: boolean
  isServer: boolean
}

/** Receives what a {@link PeerFinder} finds. */
export interface FinderListener {
  /**
   * A peer of the topic is at `address`. `isNews` is false if it was already known there. `hasFoundUs` says that we have
   * told it where we are.
   */
  onPeer(publicKey: Uint8Array, address: Address, isNews: boolean, hasFoundUs: boolean): void
  /** A peer that was found is gone, or its last topic has ended. */
  onGone(publicKey: Uint8Array): void
}

/** A {@link PeerFinder}'s work on one topic. It does nothing until the first `update`. */
export interface FinderTopic {
  update(mode: FindingMode): void
  /** Resolves when the peers present now have had time to answer. Does not depend on the node's network. */
  flushed(): Promise<void>
  /** Ends it immediately. */
  end(): void
}

/** Finds peers of topics without the node, for instance on the local network. */
export interface PeerFinder {
  join(topic: Uint8Array, listener: FinderListener): FinderTopic
  /** Something about the network has changed: look again. */
  refresh(): void
  /** Whether the remote end of the connection is in this finder's network. */
  isLocal(connection: Connection): boolean
  /** Ends all topics. Resolves when everything is closed. */
  destroy(): Promise<void>
}

/** What a swarm's finders do for one topic. */
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
