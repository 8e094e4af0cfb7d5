import type { Clock, MonotonicMs } from '@swarmway/proxy-protocol'
import { siteOf } from '../fairness/network-of.js'
import { type NetworkHolders, NetworkPlaces, networkOrOwn } from '../fairness/network-places.js'
import type { ClientLink } from './client-link.js'

/** Milliseconds that a greeting gets once it has begun, however many others of its network arrive meanwhile. */
const BEGUN_MS = 2000

/** The links whose greeting is not finished. */
export class Greetings implements Iterable<ClientLink> {
  readonly #max: number
  readonly #clock: Clock
  readonly #places = new NetworkPlaces<ClientLink>()
  readonly #arrivedMs = new Map<ClientLink, MonotonicMs>()

  constructor(max: number, clock: Clock) {
    this.#max = max
    this.#clock = clock
  }

  get size(): number {
    return this.#arrivedMs.size
  }

  [Symbol.iterator](): Iterator<ClientLink> {
    return [...this.#arrivedMs.keys()][Symbol.iterator]()
  }

  /** Adds a link. Returns the one that has to give way, which may be the same; null if there is room. */
  add(link: ClientLink): ClientLink | null {
    const network = networkOrOwn(link.remoteAddress)
    this.#arrivedMs.set(link, this.#clock.now())
    this.#places.set(link, network)
    return this.size > this.#max ? this.#whoGivesWay(link, network) : null
  }

  delete(link: ClientLink): void {
    this.#arrivedMs.delete(link)
    this.#places.delete(link)
  }

  /** Networks with as many are in order of arrival, and so are the links of each. */
  #whoGivesWay(newcomer: ClientLink, network: string): ClientLink {
    const [largest, ...others] = this.#places.largestFirst()
    if (largest === undefined) return newcomer
    const isAnyone = this.#isMuchSmaller(network, largest)
    for (const one of [largest, ...others]) {
      if (this.#places.countOf(one.site) < this.#places.countOf(largest.site)) break
      if (one.holders.size < largest.holders.size) continue
      const late = this.#firstOf(one.holders, newcomer, isAnyone)
      if (late !== undefined) return late
    }
    return newcomer
  }

  /** Of one site, networks are compared, otherwise sites. */
  #isMuchSmaller(network: string, { holders, site }: NetworkHolders<ClientLink>): boolean {
    const ownSite = siteOf(network)
    if (ownSite === site) return 2 * this.#places.countOf(network) <= holders.size
    return 2 * this.#places.countOf(ownSite) <= this.#places.countOf(site)
  }

  /** Copies nothing: a flood of connections asks this for each of them. */
  #firstOf(links: ReadonlySet<ClientLink>, newcomer: ClientLink, isAnyone: boolean): ClientLink | undefined {
    for (const link of links) if (link !== newcomer && (isAnyone || this.#isLate(link))) return link
    return undefined
  }

  /** An honest client begins to greet as soon as its link is open. */
  #isLate(link: ClientLink): boolean {
    const arrivedMs = this.#arrivedMs.get(link) ?? 0
    return link.link.bytesIn === 0 || this.#clock.now() - arrivedMs >= BEGUN_MS
  }
}
