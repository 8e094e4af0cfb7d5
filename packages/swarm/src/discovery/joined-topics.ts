/** The number of connections that a topic may have; see `join`. */
export interface TopicLimit {
  readonly topic: Uint8Array
  /** Infinity for no limit. */
  readonly limit: number
}

/** The topics that are currently joined. */
export interface JoinedTopics {
  /** The last one joined comes first. */
  latestFirst(): readonly Uint8Array[]
  /** The group of each topic, null for one that is open to all. */
  groups(): Iterable<Uint8Array | null>
  /** The joined ones among `topics`, with their limits and groups. */
  joined(topics: readonly Uint8Array[]): JoinedTopic[]
}

/** A joined topic. */
export interface JoinedTopic extends TopicLimit {
  /** The key of the group whose members may be on it, null if it is open to all. */
  readonly group: Uint8Array | null
}
