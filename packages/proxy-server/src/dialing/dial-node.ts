import { Readable } from 'node:stream'
import { createAbort } from '../client/abort.js'
import type { Client } from '../client/client.js'
import type { ServerResources } from '../context/resources.js'
import type { DhtQuery, DhtQueryOptions, DhtRouter, HyperDht } from '../dht/hyperdht.js'
import { readQuery, runInTurn } from '../dht/run-query.js'
import type { HeadStart } from './head-start.js'

/** Whose dial it is. */
interface DialPart {
  readonly client: Client
  /** Of the relays that the dial knows. */
  readonly headStart: HeadStart
}

/** The cache of a node that remembers nothing. */
const NO_CACHE = { get: () => null, set: () => NO_CACHE }

/**
 * The same node as a dial for a client uses it:
 * - Without its cache of routes to peers, which dials fill for later dials. A dial must not leave a route behind: only
 *   its client can tell whether the route was right, and the next dial may be another client's. Nor may a dial use a
 *   route that a client left behind.
 * - Its search for the peer is a query like any other and waits for its turn. It starts at the nodes that the server
 *   knows, because nodes that a client has named may never answer. If the dial knows relays, they have a head start.
 * - Its requests to single nodes wait for their turn, see `DialRequests`, and end soon after a search that finds nothing.
 */
export function nodeForDial(dht: HyperDht, context: ServerResources, order: DialPart): HyperDht {
  const router = new Proxy(dht._router, {
    get: (own, name) =>
      name === 'peerHandshake' || name === 'peerHolepunch'
        ? requestInTurn(own[name].bind(own), dht, context, order)
        : Reflect.get(own, name)
  })
  let knowsRelays = false
  // HyperDHT searches twice if it knows relays: from those, then, if it has found nothing, from the nodes that it knows.
  const findPeer = (target: Uint8Array, { nodes, ...options }: DhtQueryOptions) => {
    if (nodes) {
      knowsRelays = true
      return Readable.from([])
    }
    const isNeeded = knowsRelays ? order.headStart.isSearchNeeded : Promise.resolve(true)
    return search(() => dht.findPeer(target, options), isNeeded, context, order)
  }
  const own: Record<PropertyKey, unknown> = { _relayAddressesCache: NO_CACHE, _router: router, findPeer }
  return new Proxy(dht, {
    get: (node, name) => (Object.hasOwn(own, name) ? own[name] : Reflect.get(node, name))
  })
}

type RouterRequest = DhtRouter['peerHandshake']

function requestInTurn(
  send: RouterRequest,
  dht: HyperDht,
  { dialRequests }: ServerResources,
  { client, headStart }: DialPart
): RouterRequest {
  return async (target, options, to) => {
    try {
      return await dialRequests.run(client, headStart.over, (ended) => {
        // A session of its own, so that it can be ended alone.
        const session = dht.session()
        ended.addEventListener('abort', () => session.destroy(), { once: true })
        headStart.begin()
        return send(target, { ...options, session }, to)
      })
    } catch (error) {
      headStart.settle(true)
      throw error
    }
  }
}

/**
 * Searches when that is needed and it is the client's turn. A query that nobody reads must not keep its place, so its
 * replies are kept here.
 */
function search(
  open: () => DhtQuery,
  isNeeded: Promise<boolean>,
  { queue }: ServerResources,
  { client, headStart }: DialPart
): Pick<DhtQuery, 'destroy'> {
  const replies = new Readable({ objectMode: true, highWaterMark: Number.MAX_SAFE_INTEGER, read: () => {} })
  replies.on('error', () => {})
  const controller = createAbort()
  const { signal } = controller
  replies.once('close', () => controller.abort())
  let isKnown = false
  const read = async () => {
    const query = open()
    await readQuery(query, signal, (reply) => {
      isKnown = true
      replies.push(reply)
    })
    // Without an answer, as on a network of two, the search says nothing about the peer.
    if (!isKnown && query.closestReplies.length > 0) headStart.onUnknown()
  }
  const run = async () => {
    if (await isNeeded) await runInTurn({ queue, client, purpose: 'join', signal }, read)
  }
  run().then(
    () => replies.push(null),
    (error) => replies.destroy(error)
  )
  return replies
}
