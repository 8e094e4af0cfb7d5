import { type Clock, limitReached, type MonotonicMs, monotonicMs, type ProxyError } from '@swarmway/proxy-protocol'
import { siteOf } from '../fairness/network-of.js'
import { NetworkPlaces } from '../fairness/network-places.js'
import type { ServerLimits } from '../limits.js'

/** Milliseconds that a newcomer has for its first request; only somebody who wants to occupy places sends none. */
const FIRST_WISH_MS = 1000
/** Milliseconds before a search that found nothing is repeated: it looks at every session. */
const IN_VAIN_MS = 50

/** A session, as far as its place is concerned. */
export interface PlaceHolder {
  readonly attached: boolean
  /** When its link came or went: a reading of the clock. */
  readonly linkChangedMs: number
  /** Whether it has streams, or work in progress. */
  readonly isBusy: boolean
  /** Whether it has nothing that could be resumed. */
  readonly holdsNothing: boolean
}

type PlaceLimits = Pick<ServerLimits, 'maxClients' | 'maxClientsPerNetwork'>

/** Why a newcomer gets no place. */
export interface NoPlace {
  readonly limit: keyof PlaceLimits
  readonly error: ProxyError
}

/**
 * The places for sessions. When all are taken, sessions without a link and without work give way, then those that
 * have never wanted anything, so that nobody can keep places without using them. A session in use never gives way:
 * otherwise somebody with many addresses could end the sessions of all others.
 */
export class SessionPlaces<T extends PlaceHolder> {
  readonly #limits: PlaceLimits
  readonly #clock: Clock
  readonly #places = new NetworkPlaces<T>()
  /** Networks for which no session gave way; '' stands for all networks without a place. */
  readonly #inVain = new Set<string>()
  #inVainSinceMs: MonotonicMs = monotonicMs(0)

  constructor(limits: PlaceLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  set(session: T, network: string): void {
    this.#inVain.clear()
    this.#places.set(session, network)
  }

  delete(session: T): void {
    this.#inVain.clear()
    this.#places.delete(session)
  }

  /** The session that gives way to a newcomer of this network; null if none has to, and the reason if none can. */
  findPlace(network: string): T | NoPlace | null {
    const { maxClients, maxClientsPerNetwork } = this.#limits
    const count = this.#places.countOf(siteOf(network))
    const free = maxClients - this.#places.size
    const isCapped = count >= maxClientsPerNetwork
    if (!isCapped && this.#places.maySettle(network, free)) return null
    const hasShare = isCapped || free > 0
    const found = this.#search(network, hasShare ? Number.POSITIVE_INFINITY : count)
    return found ?? (hasShare ? noPlaceFor(count) : serverFull(maxClients))
  }

  #search(network: string, moreThan: number): T | null {
    const nowMs = this.#clock.now()
    if (nowMs - this.#inVainSinceMs >= IN_VAIN_MS) this.#inVain.clear()
    const name = moreThan === 0 ? '' : network
    if (this.#inVain.has(name)) return null
    const found = this.#whoGivesWay(network, moreThan)
    if (found !== null) return found
    if (this.#inVain.size === 0) this.#inVainSinceMs = nowMs
    this.#inVain.add(name)
    return null
  }

  /** Looks in the network itself, in those of its site that have more, and in the sites with more places than `moreThan`. */
  #whoGivesWay(network: string, moreThan: number): T | null {
    const places = this.#places
    const [ownSite, ownCount] = [siteOf(network), places.countOf(network)]
    const groups = places
      .largestFirst()
      .filter(
        (one) =>
          one.network === network ||
          (one.site === ownSite ? one.holders.size > ownCount : places.countOf(one.site) > moreThan)
      )
      .map(({ holders }) => [...holders])
    const latestMs = this.#clock.now() - FIRST_WISH_MS
    return (
      firstOf(groups, (session) => !session.attached && !session.isBusy) ??
      firstOf(groups, (session) => session.attached && session.linkChangedMs <= latestMs && session.holdsNothing)
    )
  }
}

function serverFull(maxClients: number): NoPlace {
  return { limit: 'maxClients', error: limitReached('clients', maxClients) }
}

/** The network has its share, which may be smaller than the limit. */
function noPlaceFor(count: number): NoPlace {
  return { limit: 'maxClientsPerNetwork', error: limitReached('clients of one network', count) }
}

/** The session for which `isFit` holds whose link changed longest ago, in the first group that has one. */
function firstOf<T extends PlaceHolder>(groups: readonly T[][], isFit: (session: T) => boolean): T | null {
  for (const group of groups) {
    const fit = group.filter(isFit)
    if (fit.length > 0) return fit.reduce((a, b) => (b.linkChangedMs < a.linkChangedMs ? b : a))
  }
  return null
}
