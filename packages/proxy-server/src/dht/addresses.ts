import type { DhtAddress, HyperDht } from './hyperdht.js'

/** IPv4 blocks that are not reachable on the public internet: first address and prefix length. RFC 6890 and 5771. */
const RESERVED: readonly [network: string, bits: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3]
]

const BLOCKS = RESERVED.map(([network, bits]) => ({ network: toNumber(network) ?? 0, size: 2 ** (32 - bits) }))

/** Whether `host` is an IPv4 address on the public internet. Names and IPv6 addresses are not. */
export function isPublicHost(host: string): boolean {
  const number = toNumber(host)
  return number !== null && !BLOCKS.some(({ network, size }) => number >= network && number < network + size)
}

/** Nodes in the routing table from which on hole punches succeed. */
const MIN_PUNCH_NODES = 3

/** Decides to which addresses the server may send packets on behalf of a client. */
export class AddressPolicy {
  readonly #allowPrivate: boolean
  readonly #isPrivateDht: boolean
  readonly #dht: HyperDht | null

  /**
   * `allowPrivate` allows all addresses. Otherwise a client's addresses must be public. Addresses from the DHT must
   * be public as well, because a client can run its own DHT node. The exception is a DHT that is itself on private
   * addresses (all its bootstrap nodes are), where every peer is private.
   */
  constructor(allowPrivate: boolean, dht: HyperDht | null) {
    this.#allowPrivate = allowPrivate
    this.#dht = dht
    const bootstrap = dht?.bootstrapNodes ?? []
    this.#isPrivateDht = bootstrap.length > 0 && bootstrap.every(({ host }) => isPrivateLiteral(host))
  }

  /**
   * Whether peers on the server's own network are met there: only in a private DHT that is too small for a hole punch,
   * which takes several nodes to find out the addresses of both sides. In a larger one HyperDHT would try both ways at
   * once, and the two sides may take different ones.
   */
  get usesLocalNetwork(): boolean {
    const isSmall = this.#dht !== null && this.#dht.nodes.length < MIN_PUNCH_NODES
    return isSmall && (this.#allowPrivate || this.#isPrivateDht)
  }

  /** Filters a client's addresses down to those that may be used. */
  fromClient<T extends DhtAddress>(addresses: readonly T[]): T[] {
    return addresses.filter(({ host, port }) => port > 0 && (this.#allowPrivate || isPublicHost(host)))
  }

  /** Whether an address reported by a DHT node or a remote peer may be contacted. */
  mayContact(host: string | null): boolean {
    return this.#allowPrivate || this.#isPrivateDht || (host !== null && isPublicHost(host))
  }
}

function isPrivateLiteral(host: string): boolean {
  return toNumber(host) !== null && !isPublicHost(host)
}

function toNumber(host: string): number | null {
  const octets = host.split('.')
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256)) return null
  return octets.reduce((sum, octet) => sum * 256 + Number(octet), 0)
}
