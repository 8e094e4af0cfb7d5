import b4a from 'b4a'
import type { LanTopic } from './lan-topic.js'
import type { Knock } from './packet.js'
import type { PacketLimits } from './packet-limits.js'
import { isCurrent, tokenOf } from './tokens.js'

/** Number of knocks remembered, so that one that arrives on several interfaces, or is replayed, counts once. */
const MAX_REMEMBERED = 512

/** A topic of ours that a knock is about. */
export interface KnockMatch {
  /** The index of its token in the knock. */
  readonly index: number
  readonly topic: LanTopic
}

/** Finds out which of our topics a knock is about, within a cost limit. */
export class KnockReader {
  readonly #topics: Iterable<LanTopic> & { readonly size: number }
  readonly #limits: PacketLimits
  readonly #read = new Set<string>()

  constructor(topics: Iterable<LanTopic> & { readonly size: number }, limits: PacketLimits) {
    this.#topics = topics
    this.#limits = limits
  }

  /** Empty for a knock that is too old, too new, known, or over the limits. Costs a hash per topic of ours. */
  read(knock: Knock, nowMs: number): KnockMatch[] {
    if (!isCurrent(knock.period, nowMs) || !this.#isNew(knock.salt)) return []
    if (!this.#limits.takeHashes(this.#topics.size)) return []
    const indexes = new Map(knock.tokens.map((token, index) => [b4a.toString(token, 'hex'), index]))
    const matches: KnockMatch[] = []
    for (const topic of this.#topics) {
      const index = indexes.get(b4a.toString(tokenOf(topic.topic, knock.period, knock.salt), 'hex'))
      if (index !== undefined) matches.push({ index, topic })
    }
    return matches
  }

  #isNew(salt: Uint8Array): boolean {
    const key = b4a.toString(salt, 'hex')
    if (this.#read.has(key)) return false
    this.#read.add(key)
    const oldest = this.#read.size > MAX_REMEMBERED ? this.#read.values().next().value : undefined
    if (oldest !== undefined) this.#read.delete(oldest)
    return true
  }
}
