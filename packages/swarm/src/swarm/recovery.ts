import type { Clock } from '@swarmway/runtime'
import type { Liveness } from '../connections/liveness.js'
import type { Stalls } from '../connections/stalls.js'
import type { Dialer } from '../dialing/dialer.js'
import type { PeerFinder } from '../discovery/finder.js'
import type { Topics } from '../discovery/topics.js'
import type { NodeServer } from '../network/dht-node.js'
import type { NetworkProbe } from '../network/network-probe.js'
import { AnnouncementWatch } from './announcement-watch.js'

/** Most milliseconds, chosen at random, until lookups and dials: peers that were cut off together come back together. */
const SPREAD_MS = 500

/** The parts of a swarm that recover. */
export interface RecoveryParts {
  readonly settings: { readonly clock: Clock; readonly random: () => number }
  readonly probe: NetworkProbe | null
  readonly server: NodeServer
  readonly topics: Topics
  readonly dialer: Dialer
  readonly liveness: Liveness
  readonly stalls: Stalls | null
  readonly finders: readonly PeerFinder[]
  isReachable(): boolean
}

/**
 * What a swarm does when its network answers again. What was begun without a network waits for time-outs, and what
 * failed waits for its next try: both begin again at once.
 */
export class Recovery {
  readonly #parts: RecoveryParts
  readonly #announcement: AnnouncementWatch | null
  #timer: unknown = null

  constructor(parts: RecoveryParts) {
    this.#parts = parts
    const { probe, server, settings } = parts
    const isReachable = () => parts.isReachable()
    this.#announcement = probe && new AnnouncementWatch({ clock: settings.clock, probe, server, isReachable })
  }

  start(): void {
    this.#announcement?.start()
  }

  stop(): void {
    this.#announcement?.stop()
    this.#parts.liveness.stop()
    this.#parts.stalls?.stop()
    this.#parts.settings.clock.clearTimeout(this.#timer)
  }

  /**
   * `isTotal` is false if what is in flight survives the outage, as over a link that resumes. `hasMoved`: our address is
   * another one.
   */
  onBack(isTotal: boolean, hasMoved: boolean): void {
    const { finders, liveness, probe, server, settings } = this.#parts
    if (server.listening && !server.closed) probe?.announce(server)
    this.#announcement?.start()
    if (isTotal) liveness.check(hasMoved)
    for (const finder of finders) finder.refresh()
    settings.clock.clearTimeout(this.#timer)
    this.#timer = settings.clock.setTimeout(() => this.#begin(isTotal), settings.random() * SPREAD_MS)
  }

  #begin(isTotal: boolean): void {
    const { dialer, topics } = this.#parts
    if (isTotal) topics.restart()
    else topics.refreshLater()
    dialer.hurry(isTotal)
  }
}
