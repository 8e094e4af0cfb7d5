import { trace } from '@swarmway/runtime'
import type { ServerServices } from '../context/services.js'
import type { HyperDht } from '../dht/hyperdht.js'
import { cancelled, peerNotFound, withCode } from '../errors.js'
import { NotReachedError } from '../fleet/dial-across.js'
import type { Fleet } from '../fleet/fleet.js'
import type { FleetServer } from '../fleet/presence/presence.js'
import type { LocalPeer } from '../listening/handshake-slots.js'
import { type DialOrder, dialThroughDht } from './dht-dial.js'
import { dialLocally } from './local-dial.js'

/** Servers of a fleet that a dial tries. */
const MAX_TRIED = 64

/**
 * Dials a peer by the shortest way: at this server, at another one of the fleet, or through the DHT. A client without a
 * link is dialled through the DHT, if there is one that answers: the client may have reconnected to another server, and the DHT
 * has the latest address.
 */
export async function dialPeer(context: ServerServices, order: DialOrder): Promise<void> {
  const { dht, dhtHealth, fleet, listeners } = context
  const peer = listeners.localPeer(order.publicKey)
  if (peer?.client.attached) return dialHere(peer, context, order)
  // Without a DHT that answers, the fleet is asked for keys that it has not told: that takes a moment.
  const known = fleet?.serversOf(order.publicKey) ?? []
  const servers =
    known.length > 0 || dhtHealth.isOnline || peer !== null
      ? known
      : await fleet?.find(order.publicKey, order.client, order.signal)
  if (order.signal.aborted) throw cancelled('the dial')
  if (fleet !== null && servers !== undefined && servers.length > 0) return dialInFleet(fleet, servers, context, order)
  if (peer !== null && !dhtHealth.isOnline) return dialHere(peer, context, order)
  if (dht !== null) return dialInDht(dht, context, order)
  trace.server?.('dial', { peer: order.publicKey, way: 'none' })
  throw peerNotFound()
}

function dialHere(peer: LocalPeer, context: ServerServices, order: DialOrder): Promise<void> {
  trace.server?.('dial', { peer: order.publicKey, way: 'local' })
  return dialLocally(peer, context, order)
}

async function dialInDht(dht: HyperDht, context: ServerServices, order: DialOrder): Promise<void> {
  trace.server?.('dial', { peer: order.publicKey, way: 'dht' })
  await context.load.relief(order.client, order.signal)
  if (order.signal.aborted) throw cancelled('the dial')
  await dialThroughDht(dht, context, order)
}

/** What is known of the fleet may be out of date: a server that is gone, a client that has moved. */
async function dialInFleet(
  fleet: Fleet,
  servers: readonly FleetServer[],
  context: ServerServices,
  order: DialOrder
): Promise<void> {
  trace.server?.('dial', { peer: order.publicKey, way: 'fleet' })
  try {
    await fleet.dial(servers, order)
  } catch (error) {
    if (!(error instanceof NotReachedError) || order.signal.aborted) throw error
    await dialAgain(fleet, servers, context, order, error)
  }
}

/** The peer was not at the servers that were tried. Some may claim a key that they do not have, so others are asked for. */
async function dialAgain(
  fleet: Fleet,
  tried: readonly FleetServer[],
  context: ServerServices,
  order: DialOrder,
  failure: NotReachedError
): Promise<void> {
  const { client, publicKey, signal } = order
  const { dht, dhtHealth } = context
  try {
    // One that does not answer would only keep the dial, while the fleet is told where the peer is now.
    if (dht !== null && dhtHealth.isOnline) return await dialInDht(dht, context, order)
    const others = tried.length < MAX_TRIED ? await fleet.find(publicKey, client, signal, tried) : []
    if (signal.aborted) throw cancelled('the dial')
    if (others.length === 0) throw failure
    trace.server?.('dial', { peer: publicKey, way: 'fleet' })
    const next = [...tried, ...others]
    await fleet.dial(others, order).catch((error) => {
      if (!(error instanceof NotReachedError) || signal.aborted) throw error
      return dialAgain(fleet, next, context, order, failure)
    })
  } catch (error) {
    // An older client makes one handshake message for each dial.
    throw withCode(error, 'DIAL_FAILED').code === 'BAD_REQUEST' ? failure : error
  }
}
