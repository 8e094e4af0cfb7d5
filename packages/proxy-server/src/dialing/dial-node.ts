import { Readable } from 'node:stream'
import { createAbort } from '../client/abort.js'
import type { Client } from '../client/client.js'
import type { ServerResources } from '../context/resources.js'
import type { DhtQuery, DhtQueryOptions, DhtRouter, HyperDht } from '../dht/hyperdht.js'
import { readQuery, runInTurn } from '../dht/run-query.js'

/** Whose dial it is; what it asks the DHT ends when the signal fires. */
interface DialPart {
  readonly client: Client
  readonly signal: AbortSignal
}

/** The cache of a node that remembers nothing. */
const NO_CACHE = { get: () => null, set: () => NO_CACHE }

/**
 * The same node as a dial for a client uses it:
 * - Without its cache of routes to peers, which dials fill for later dials. A dial must not leave a route behind: only
 *   its client can tell whether the route was right, and the next dial may be another client's. Nor may a dial use a
 *   route that a client left behind.
 * - Its search for the peer is a query like any other and waits for its turn. It starts at the nodes that the server
 *   knows, because nodes that a client has named may never answer.
 * - Its requests to single nodes wait for their turn, see `DialRequests`.
 */
export function nodeForDial(dht: HyperDht, context: ServerResources, order: DialPart): HyperDht {
  const router = new Proxy(dht._router, {
    get: (own, name) =>
      name === 'peerHandshake' || name === 'peerHolepunch'
        ? requestInTurn(own[name].bind(own), dht, context, order)
        : Reflect.get(own, name)
  })
  const findPeer = (target: Uint8Array, options: DhtQueryOptions) => search(dht, target, options, context, order)
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
  { client, signal }: DialPart
): RouterRequest {
  return (target, options, to) =>
    dialRequests.run(client, signal, (ended) => {
      // A session of its own, so that it can be ended alone.
      const session = dht.session()
      ended.addEventListener('abort', () => session.destroy(), { once: true })
      return send(target, { ...options, session }, to)
    })
}

/**
 * HyperDHT searches twice if it has addresses: from those, then, if it has found nothing, from the nodes that it knows.
 * The first search ends at once. A query that nobody reads must not keep its place, so its replies are kept here.
 */
function search(
  dht: HyperDht,
  target: Uint8Array,
  { nodes, ...options }: DhtQueryOptions,
  { queue }: ServerResources,
  { client }: DialPart
): Pick<DhtQuery, 'destroy'> {
  const replies = new Readable({ objectMode: true, highWaterMark: Number.MAX_SAFE_INTEGER, read: () => {} })
  replies.on('error', () => {})
  if (nodes) {
    replies.push(null)
    return replies
  }
  const controller = createAbort()
  const { signal } = controller
  replies.once('close', () => controller.abort())
  const read = () => readQuery(dht.findPeer(target, options), signal, (reply) => replies.push(reply))
  runInTurn({ queue, client, purpose: 'join', signal }, read).then(
    () => replies.push(null),
    (error) => replies.destroy(error)
  )
  return replies
}
