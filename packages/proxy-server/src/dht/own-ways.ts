import type { HyperDht } from './hyperdht.js'

/** The cache of a node that remembers nothing. */
const NO_CACHE = { get: () => null, set: () => NO_CACHE }

/**
 * The same node without its cache of routes to peers, which dials fill for later dials. A dial for a client must not
 * leave a route behind: only that client can tell whether the route was right, and the next dial may be another
 * client's. Nor may a dial use a route that a client left behind.
 */
export function withOwnWays(dht: HyperDht): HyperDht {
  return new Proxy(dht, {
    get: (node, name) => (name === '_relayAddressesCache' ? NO_CACHE : Reflect.get(node, name))
  })
}
