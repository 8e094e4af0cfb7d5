import { Counts } from './counts.js'
import { isLoopback, networkOf, siteOf } from './network-of.js'

/** The holders of places of one network, in order of arrival. */
export interface NetworkHolders<T> {
  readonly network: string
  readonly site: string
  readonly holders: ReadonlySet<T>
}

/** The holders of places, by site and by network. */
export class NetworkPlaces<T> {
  readonly #networks = new Map<string, Set<T>>()
  readonly #siteCounts = new Counts()
  readonly #networkOf = new Map<T, string>()

  /** Places taken. */
  get size(): number {
    return this.#networkOf.size
  }

  /** The places of a network, or of a site. */
  countOf(name: string): number {
    return this.#siteCounts.get(name) ?? this.#networks.get(name)?.size ?? 0
  }

  /**
   * Whether a network may take one of so many free places: a site may hold as many as are free, so one site gets half of
   * all, two get a third each, and there is always room for others. Of its site's part, a network may hold as many as that leaves
   * free. A reverse proxy on this machine whose clients' addresses are not read looks like one network, so addresses of this
   * machine may take all.
   */
  maySettle(network: string, free: number): boolean {
    if (free <= 0 || isLoopback(network)) return free > 0
    const site = siteOf(network)
    const left = free - this.countOf(site)
    return left > 0 && (site === network || this.countOf(network) < left)
  }

  /** Gives a place, or moves it to another network. */
  set(holder: T, network: string): void {
    if (this.#networkOf.get(holder) === network) return
    this.delete(holder)
    const holders = this.#networks.get(network) ?? new Set<T>()
    this.#networks.set(network, holders)
    holders.add(holder)
    this.#networkOf.set(holder, network)
    this.#siteCounts.change(siteOf(network), 1)
  }

  delete(holder: T): void {
    const network = this.#networkOf.get(holder)
    if (network === undefined || !this.#networkOf.delete(holder)) return
    const holders = this.#networks.get(network)
    holders?.delete(holder)
    if (holders?.size === 0) this.#networks.delete(network)
    this.#siteCounts.change(siteOf(network), -1)
  }

  /** All networks: sites with the most places first, and within a site, networks with the most. */
  largestFirst(): NetworkHolders<T>[] {
    const all = [...this.#networks].map(([network, holders]) => ({ network, site: siteOf(network), holders }))
    return all.sort((a, b) => this.countOf(b.site) - this.countOf(a.site) || b.holders.size - a.holders.size)
  }
}

let unknown = 0

/** The network of an address; one of its own if the address is unknown. */
export function networkOrOwn(address: string | null | undefined): string {
  return address === null || address === undefined ? `unknown ${++unknown}` : networkOf(address)
}
