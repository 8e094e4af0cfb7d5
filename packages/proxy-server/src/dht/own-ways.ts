import type { HyperDht } from './hyperdht.js'

/** The cache of a node that remembers nothing. */
const NO_CACHE = { get: () => null, set: () => NO_CACHE }

/**
 * The same node, but for the ways to peers that its dials remember for later ones. A dial that a client has ordered
 * must leave none: whether a way was right only that client can tell, and the next dial may be another client's. Nor
 * may it take one that such a client has left.
 */
export function withOwnWays(dht: HyperDht): HyperDht {
  return new Proxy(dht, {
    get: (node, name) => (name === '_relayAddressesCache' ? NO_CACHE : Reflect.get(node, name))
  })
}
