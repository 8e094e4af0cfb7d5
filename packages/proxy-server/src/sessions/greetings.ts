import type { Clock, MonotonicMs } from '@swarmway/proxy-protocol'
import { NetworkPlaces, networkOrOwn } from '../fairness/network-places.js'
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

  /** Networks of the same size are in order of arrival, and so are the links of each. */
  #whoGivesWay(newcomer: ClientLink, network: string): ClientLink {
    const networks = this.#places.largestFirst()
    const count = this.#places.countOf(network)
    const most = networks[0]?.[1].size ?? 0
    for (const [, links] of networks) {
      if (links.size < most) break
      const late = this.#firstOf(links, newcomer, 2 * count <= most)
      if (late !== undefined) return late
    }
    return newcomer
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
