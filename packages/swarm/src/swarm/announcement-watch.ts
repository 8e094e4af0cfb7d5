import type { Clock } from '@swarmway/runtime'
import type { NodeServer } from '../network/dht-node.js'
import type { NetworkProbe } from '../network/network-probe.js'

/** Milliseconds between two looks. A look sends nothing. */
const LOOK_MS = 3000
/** Looks that are skipped after each announcement in vain, doubled each time, up to five minutes. */
const MAX_SKIPPED = 100

/** What the watch needs. */
export interface AnnouncementWatchContext {
  readonly clock: Clock
  readonly server: NodeServer
  readonly probe: NetworkProbe
  /** Whether the network answers; otherwise nothing can be announced. */
  isReachable(): boolean
}

/**
 * Notices that no node knows the way to our server any more, which peers that dial us depend on, and has it announced
 * again. A HyperDHT server that loses all its nodes in a short outage tries again only after five minutes.
 */
export class AnnouncementWatch {
  readonly #context: AnnouncementWatchContext
  #timer: unknown = null
  #skips = 0
  #nextSkips = 1

  constructor(context: AnnouncementWatchContext) {
    this.#context = context
  }

  start(): void {
    this.stop()
    this.#nextSkips = 1
    this.#skips = 0
    this.#timer = this.#context.clock.setTimeout(() => this.#look(), LOOK_MS)
  }

  stop(): void {
    this.#context.clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #look(): void {
    const { clock, isReachable, probe, server } = this.#context
    this.#timer = clock.setTimeout(() => this.#look(), LOOK_MS)
    if (!server.listening || server.closed || !isReachable()) return
    if (probe.isAnnounced(server)) {
      this.#nextSkips = 1
      this.#skips = 0
    } else if (this.#skips-- <= 0) this.#announce()
  }

  #announce(): void {
    const { probe, server } = this.#context
    this.#skips = this.#nextSkips
    this.#nextSkips = Math.min(2 * this.#nextSkips, MAX_SKIPPED)
    probe.announce(server)
  }
}
