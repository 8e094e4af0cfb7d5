import b4a from 'b4a'
import type { LanTopic } from './lan-topic.js'
import type { Probe } from './packet.js'
import type { PacketLimits } from './packet-limits.js'
import { isCurrent, tokenOf } from './tokens.js'

/** Number of probes remembered, so that one that arrives on several interfaces, or is replayed, counts once. */
const MAX_REMEMBERED = 512

/** A topic of ours that a probe is about. */
export interface ProbeMatch {
  /** The index of its token in the probe. */
  readonly index: number
  readonly topic: LanTopic
}

/** Finds out which of our topics a probe is about, within a cost limit. */
export class ProbeReader {
  readonly #topics: Iterable<LanTopic> & { readonly size: number }
  readonly #limits: PacketLimits
  readonly #read = new Set<string>()

  constructor(topics: Iterable<LanTopic> & { readonly size: number }, limits: PacketLimits) {
    this.#topics = topics
    this.#limits = limits
  }

  /** Empty for a probe that is too old, too new, known, or over the limits. Costs a hash per topic of ours. */
  read(probe: Probe, nowMs: number): ProbeMatch[] {
    if (!isCurrent(probe.period, nowMs) || !this.#isNew(probe.salt)) return []
    if (!this.#limits.takeHashes(this.#topics.size)) return []
    const indexes = new Map(probe.tokens.map((token, index) => [b4a.toString(token, 'hex'), index]))
    const matches: ProbeMatch[] = []
    for (const topic of this.#topics) {
      const index = indexes.get(b4a.toString(tokenOf(topic.topic, probe.period, probe.salt), 'hex'))
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
