import { member } from './override.js'
import { guardRawStreams } from './raw-streams.js'
import { guardRelayCache, guardRelayConnections } from './relays.js'
import { guardRequests, guardRouter } from './router.js'
import { guardSocketPool } from './sockets.js'

/** The names of missing members, by guarded node. */
const guarded = new WeakMap<object, readonly string[]>()

/**
 * Makes sure that nothing a HyperDHT node receives can end the process: an error that HyperDHT would throw uncaught
 * fails only that dial, handshake or request. Changes this node and no class; calling it again is harmless. Returns the
 * names of the members that are missing and so not guarded, in another version or kind of node; the others are guarded
 * nevertheless, and the rest stays unchanged. See docs/decisions/0027-guard-hyperdht-against-hostile-bytes.md.
 */
export function guardNode(node: object): readonly string[] {
  const missing = guarded.get(node) ?? guardMembers(node)
  guarded.set(node, missing)
  return missing
}

function guardMembers(node: object): string[] {
  // Not a HyperDHT node: there is nothing to guard, and methods of the same names are left alone.
  if (typeof member(node, 'createRawStream') !== 'function') return ['createRawStream']
  const guards: Record<string, boolean> = {
    createRawStream: guardRawStreams(node),
    onrequest: guardRequests(node),
    connect: guardRelayConnections(node),
    '_relayAddressesCache.set': guardRelayCache(member(node, '_relayAddressesCache')),
    '_socketPool.acquire': guardSocketPool(member(node, '_socketPool'), node)
  }
  const missing = Object.keys(guards).filter((name) => !guards[name])
  return [...missing, ...guardRouter(member(node, '_router')).map((name) => `_router.${name}`)]
}
