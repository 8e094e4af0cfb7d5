import { backoffMs, type MonotonicMs, unref } from '@swarmway/runtime'
import type { Connect, UplinkSettings } from '../../options.js'
import { type Measurement, measureRoundTrips, nearestFirst, type RoundTrips } from '../links/round-trips.js'
import type { ServerChoice } from './server-choice.js'

/** Milliseconds after which a client first looks for a better server; doubled with each look that leads nowhere. */
const FIRST_LOOK_MS = 60_000
const MAX_LOOK_MS = 600_000
/** A server is nearer if its round trip is at most this part: two that are equally near take no turns. */
const NEARER = 0.7

/** What {@link BetterServer} needs of the uplink. */
export interface MoveHost {
  /** The server at which the session is; null if there is no link. */
  server(): Connect | null
  /** Whether nothing would be lost with the session: no stream is open, no request waits. */
  isIdle(): boolean
  /** Begins a session there. If that succeeds, ends the present one. */
  move(connect: Connect): void
}

/** Brings a client back to a server that it prefers, once that is there again and while nothing can be lost. */
export class BetterServer {
  readonly #settings: UplinkSettings
  readonly #servers: ServerChoice
  readonly #host: MoveHost
  readonly #measurements = new Set<Measurement>()
  #looks = 0
  #timer: unknown = null
  /** The server to which the latest move was. */
  #target: Connect | null = null
  /** When it came to be the present one; null if it is not. */
  #movedMs: MonotonicMs | null = null
  /** Moves in a row after which the server was soon gone again. */
  #vainMoves = 0

  constructor(settings: UplinkSettings, servers: ServerChoice, host: MoveHost) {
    this.#settings = settings
    this.#servers = servers
    this.#host = host
  }

  /** Measures the servers, if that is what the order depends on. Resolves to nothing if the client ends meanwhile. */
  async measure(): Promise<RoundTrips> {
    const { clock, connects, serverOrder } = this.#settings
    if (serverOrder !== 'nearest' || connects.length < 2) return new Map()
    const measurement = measureRoundTrips(connects, clock)
    this.#measurements.add(measurement)
    const trips = await measurement.trips
    if (!this.#measurements.delete(measurement)) return new Map()
    this.#servers.rank(nearestFirst(trips))
    return trips
  }

  /** A session has begun, at `movedTo` by a move, or is resumed: looks around from time to time. */
  watch(movedTo: Connect | null = null): void {
    if (movedTo !== null && movedTo === this.#target) this.#movedMs = this.#settings.clock.now()
    this.#looks = this.#vainMoves
    this.#arm()
  }

  /** The session has no link. A server that comes and goes must not make the client go back and forth with it. */
  linkEnded(): void {
    this.stop()
    if (this.#movedMs === null) return
    const isVain = this.#settings.clock.now() - this.#movedMs < MAX_LOOK_MS
    this.#vainMoves = isVain ? this.#vainMoves + 1 : 0
    this.#movedMs = null
  }

  /** The client ends: nothing of a look is left. */
  end(): void {
    this.stop()
    for (const measurement of this.#measurements) measurement.abandon()
    this.#measurements.clear()
  }

  stop(): void {
    this.#settings.clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #arm(): void {
    this.stop()
    const { clock, connects, random, reconnects } = this.#settings
    if (!reconnects || connects.length < 2) return
    const waitMs = backoffMs(this.#looks, { firstMs: FIRST_LOOK_MS, maxMs: MAX_LOOK_MS, random })
    this.#timer = unref(clock.setTimeout(() => void this.#look(), waitMs))
  }

  async #look(): Promise<void> {
    if (this.#host.isIdle()) {
      this.#looks++
      const server = this.#host.server()
      const better = await this.#better(server)
      if (better !== null && server === this.#host.server() && this.#host.isIdle()) this.#move(better)
    }
    if (this.#timer !== null) this.#arm()
  }

  #move(better: Connect): void {
    this.#target = better
    this.#host.move(better)
  }

  async #better(server: Connect | null): Promise<Connect | null> {
    if (server === null) return null
    const trips = await this.measure()
    const [best] = this.#servers.betterThan(server)
    if (best === undefined || trips.size === 0) return best ?? null
    const [mine, theirs] = [trips.get(server), trips.get(best)]
    return mine === undefined || theirs === undefined || theirs > NEARER * mine ? null : best
  }
}
