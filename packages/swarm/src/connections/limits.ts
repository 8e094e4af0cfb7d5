import type { TopicLimit } from '../discovery/joined-topics.js'
import { COUNT_EXPECTED, check, isCount, isPositiveCount, POSITIVE_COUNT_EXPECTED } from '../util/check.js'
import type { ConnectionTable } from './table.js'

/** Number of peers at which dialling stops if the application sets no `maxPeers`, as in hyperswarm. */
export const DEFAULT_DIAL_PEERS = 64

/** A topic with so many connections has no urgent need of more. */
const FEW_CONNECTIONS = 8

/** The initial limits; null for no `maxPeers`. */
export interface LimitSettings {
  readonly maxPeers: number | null
  readonly maxClientConnections: number
  readonly maxServerConnections: number
  readonly maxParallel: number
}

/** Decides whether there is room for one more connection. */
export class ConnectionLimits {
  maxPeers: number | null
  maxClientConnections: number
  maxServerConnections: number
  maxParallel: number
  readonly #table: ConnectionTable
  readonly #onChange: () => void

  constructor(table: ConnectionTable, settings: LimitSettings, onChange: () => void = () => {}) {
    this.#table = table
    this.#onChange = onChange
    this.maxPeers = settings.maxPeers
    this.maxClientConnections = settings.maxClientConnections
    this.maxServerConnections = settings.maxServerConnections
    this.maxParallel = settings.maxParallel
  }

  /** Number of peers at which dialling stops. */
  get dialPeers(): number {
    return this.maxPeers ?? DEFAULT_DIAL_PEERS
  }

  /** Changes limits at run time; omitted ones keep their value. Throws a `TypeError` that names a bad one. */
  change(limits: Partial<LimitSettings>): void {
    verifyLimits(limits)
    Object.assign(this, limits)
    this.#onChange()
  }

  /** How many more peers may be dialled; negative if more have dialled us. */
  get dialRoom(): number {
    const { peerCount, clientCount } = this.#table
    return Math.min(this.dialPeers - peerCount, this.maxClientConnections - clientCount)
  }

  canDial(): boolean {
    return this.dialRoom > 0
  }

  /** A peer that already has a slot (its dial crossed ours) takes no further place of `maxPeers`. */
  canAccept(hasSlot: boolean): boolean {
    const { peerCount, serverCount } = this.#table
    const hasRoom = hasSlot || peerCount < (this.maxPeers ?? Number.POSITIVE_INFINITY)
    return hasRoom && serverCount < this.maxServerConnections
  }

  /** Whether any of the topics of a connection has room for it. */
  hasTopicRoom(topics: readonly TopicLimit[]): boolean {
    return topics.some((topic) => this.roomOn(topic) > 0)
  }

  /** How many more connections the topic may have. */
  roomOn(topic: TopicLimit): number {
    return topic.limit - this.#countOn(topic)
  }

  /** Whether the topic has few connections and may have more. */
  hasFewOn({ topic, limit }: TopicLimit): boolean {
    let missing = Math.min(FEW_CONNECTIONS, limit, this.dialPeers)
    for (const { info, open } of this.#table) {
      if (missing <= 0) break
      if (open !== null && info.hasTopic(topic)) missing--
    }
    return missing > 0
  }

  #countOn({ topic, limit }: TopicLimit): number {
    if (limit === Number.POSITIVE_INFINITY) return 0
    let count = 0
    for (const slot of this.#table) if (slot.info.hasTopic(topic) && !slot.isAllowance) count++
    return count
  }
}

/** Throws a `TypeError` that names the first limit that is not a count. */
export function verifyLimits(limits: object): void {
  const counts = ['maxPeers', 'maxClientConnections', 'maxServerConnections']
  for (const name of counts) check(limits, name, COUNT_EXPECTED, isCount)
  check(limits, 'maxParallel', POSITIVE_COUNT_EXPECTED, isPositiveCount)
}
