import { networkOf } from './network-of.js'

/** The holders of places, by network, each network's in order of arrival. */
export class NetworkPlaces<T> {
  readonly #networks = new Map<string, Set<T>>()
  readonly #networkOf = new Map<T, string>()

  /** Places taken. */
  get size(): number {
    return this.#networkOf.size
  }

  /** The places of a network. */
  countOf(network: string): number {
    return this.#networks.get(network)?.size ?? 0
  }

  /** Gives a place, or moves it to another network. */
  set(holder: T, network: string): void {
    if (this.#networkOf.get(holder) === network) return
    this.delete(holder)
    const holders = this.#networks.get(network) ?? new Set<T>()
    this.#networks.set(network, holders)
    holders.add(holder)
    this.#networkOf.set(holder, network)
  }

  delete(holder: T): void {
    const network = this.#networkOf.get(holder)
    if (network === undefined || !this.#networkOf.delete(holder)) return
    const holders = this.#networks.get(network)
    holders?.delete(holder)
    if (holders?.size === 0) this.#networks.delete(network)
  }

  /** The networks and their holders, those with the most places first. */
  largestFirst(): (readonly [network: string, holders: ReadonlySet<T>])[] {
    return [...this.#networks].sort(([, a], [, b]) => b.size - a.size)
  }
}

/**
 * Whether a network may take one of the free places: it may hold as many as are free, so one network gets half of all,
 * two get a third each, and there is always room for others. A reverse proxy on this machine whose clients' addresses are
 * not read looks like one network, so addresses of this machine may take all.
 */
export function maySettle(network: string, count: number, free: number): boolean {
  return free > 0 && (count < free || isLoopback(network))
}

let unknown = 0

/** The network of an address; one of its own if the address is unknown. */
export function networkOrOwn(address: string | null | undefined): string {
  return address === null || address === undefined ? `unknown ${++unknown}` : networkOf(address)
}

const IPV6_LOOPBACK = networkOf('::1')

/** Whether it is this machine: a reverse proxy on it, whose clients cannot be told apart, looks like one network. */
export function isLoopback(network: string): boolean {
  return network === IPV6_LOOPBACK || /^127(\.\d{1,3}){3}$/.test(network)
}
