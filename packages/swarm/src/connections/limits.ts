import type { TopicLimit } from '../discovery/joined-topics.js'
import type { ConnectionTable } from './table.js'

/** Number of peers at which dialling stops if the application sets no `maxPeers`, as in hyperswarm. */
export const DEFAULT_DIAL_PEERS = 64

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

  /** Changes limits at run time; omitted ones keep their value. */
  change(limits: Partial<LimitSettings>): void {
    Object.assign(this, limits)
    this.#onChange()
  }

  canDial(): boolean {
    const { peerCount, clientCount } = this.#table
    return peerCount < this.dialPeers && clientCount < this.maxClientConnections
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

  /** How many connections the topic has. */
  openOn(topic: Uint8Array): number {
    let count = 0
    for (const { info, open } of this.#table) if (open !== null && info.hasTopic(topic)) count++
    return count
  }

  #countOn({ topic, limit }: TopicLimit): number {
    if (limit === Number.POSITIVE_INFINITY) return 0
    let count = 0
    for (const slot of this.#table) if (slot.info.hasTopic(topic) && !slot.isAllowance) count++
    return count
  }
}
