import type { Clock, MonotonicMs, RateFill } from '@swarmway/proxy-protocol'
import { isLoopback, siteOf } from './network-of.js'

/** What is left of a client's bursts: 1 is all of it. */
export interface ClientRateFill extends RateFill {
  /** Of `listensPerSecond`. */
  readonly listens: number
}

/** A client that is gone, or has no link. */
interface Departure {
  readonly site: string
  readonly atMs: MonotonicMs
  readonly fill: ClientRateFill
}

/** A burst is one second's worth, so after a second it is full again. */
const REFILL_MS = 1000
/** Departures kept; more in one second are forgotten, oldest first. */
const MAX_DEPARTURES = 4096

/**
 * The rates of clients that have gone in the last second: a client that returns with a new session continues one
 * of them, so that it brings no new burst. As a client cannot be recognised, a newcomer continues the most used one of
 * its network.
 */
export class RecentRates {
  readonly #clock: Clock
  readonly #departures = new Set<Departure>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A client has gone. Those of this machine do not count: they may be anybody's behind a reverse proxy. */
  add(network: string, fill: ClientRateFill): void {
    this.#forget()
    if (lowest(fill) < 1 && !isLoopback(network))
      this.#departures.add({ site: siteOf(network), atMs: this.#clock.now(), fill })
    const [oldest] = this.#departures.size > MAX_DEPARTURES ? this.#departures : []
    if (oldest !== undefined) this.#departures.delete(oldest)
  }

  /** What a new session of this network begins with; undefined: with everything. */
  take(network: string): ClientRateFill | undefined {
    this.#forget()
    const site = siteOf(network)
    let found: Departure | undefined
    for (const one of this.#departures)
      if (one.site === site && (found === undefined || this.#now(one) < this.#now(found))) found = one
    if (found === undefined) return undefined
    this.#departures.delete(found)
    const gained = this.#gained(found)
    const { listens, notifications, requests, streams } = found.fill
    const refilled = (fill: number): number => Math.min(1, fill + gained)
    return {
      listens: refilled(listens),
      notifications: refilled(notifications),
      requests: refilled(requests),
      streams: refilled(streams)
    }
  }

  #now(departure: Departure): number {
    return lowest(departure.fill) + this.#gained(departure)
  }

  #gained({ atMs }: Departure): number {
    return (this.#clock.now() - atMs) / REFILL_MS
  }

  /** They are in the order in which they were added. */
  #forget(): void {
    for (const departure of this.#departures) {
      if (this.#gained(departure) < 1) return
      this.#departures.delete(departure)
    }
  }
}

function lowest({ listens, notifications, requests, streams }: ClientRateFill): number {
  return Math.min(listens, notifications, requests, streams)
}
