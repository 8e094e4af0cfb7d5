import {
  ask,
  ProxyError,
  SERVER_NOTICES,
  SERVER_REQUESTS,
  STREAM_KIND,
  type StreamMeta,
  tell,
  VERDICT
} from '@swarmway/proxy-protocol'
import type { Client } from '../client/client.js'
import type { ServerResources } from '../context/resources.js'
import { packetSized } from '../dht/handshake-size.js'
import { cancelled, connectionFailed } from '../errors.js'
import type { HandshakeSlot, LocalPeer } from '../listening/handshake-slots.js'
import { Splice } from '../streams/splice.js'
import { SpliceEnd } from '../streams/splice-end.js'
import type { DialOrder } from './dht-dial.js'

/** The payload that HyperDHT would put into a handshake; two clients of one server need none. */
const NOTHING = new Uint8Array(0)

/**
 * Connects two clients of this server: carries their handshake back and forth and splices a stream of each. Settles
 * as a dial through the DHT does.
 */
export async function dialLocally(peer: LocalPeer, context: ServerResources, order: DialOrder): Promise<void> {
  const { client, dialId } = order
  const { slot, answer, isRefused } = await offer(peer, context, order)
  const options = { timeoutMs: context.limits.peerHandshakeTimeoutMs, signal: order.signal }
  await ask(client, SERVER_REQUESTS.DIAL_RECV, { id: dialId, bytes: answer }, options)
  if (isRefused) throw new ProxyError('SERVER_ERROR', 'the peer refused the connection')
  if (order.signal.aborted) throw cancelled('the dial')
  splice(peer, slot, context, order)
}

/** Sends the dialling client's message to the other client and returns its answer. */
async function offer(peer: LocalPeer, context: ServerResources, { client, dialId, publicKey, signal }: DialOrder) {
  const options = { timeoutMs: context.limits.peerHandshakeTimeoutMs, signal }
  const message = packetSized(await ask(client, SERVER_REQUESTS.DIAL_SEND, { id: dialId, bytes: NOTHING }, options))
  const slot = await takeSlot(peer, client, signal)
  try {
    const received = { id: slot.id, publicKey, message }
    const answered = await ask(peer.client, SERVER_REQUESTS.ACCEPT_RECV, received, options)
    if (answered.verdict === VERDICT.IGNORE) throw connectionFailed('the peer did not answer')
    const { bytes } = await ask(peer.client, SERVER_REQUESTS.ACCEPT_SEND, { id: slot.id, bytes: NOTHING }, options)
    return { slot: slot.id, answer: packetSized(bytes), isRefused: answered.verdict === VERDICT.REFUSE }
  } catch (error) {
    // The dialling client must not learn what went wrong at the peer.
    throw error instanceof ProxyError && error.code === 'ABORTED' ? error : unanswered(error)
  } finally {
    slot.release()
  }
}

function splice(peer: LocalPeer, handshakeId: number, context: ServerResources, { client, dialId }: DialOrder): void {
  if (!client.hasRoomForStream) throw client.atLimit('maxStreams', 'streams')
  const accepted = openLocalEnd(peer.client, { kind: STREAM_KIND.ACCEPT, id: handshakeId })
  try {
    const dialled = openLocalEnd(client, { kind: STREAM_KIND.DIAL, id: dialId })
    new Splice(dialled, accepted, context.budget)
    context.counters.splices++
  } catch (error) {
    accepted.reset(connectionFailed('the dialling peer is gone'))
    throw error
  }
}

/** Said apart from the meta: older clients of this version ignore a notification that they do not know. */
function openLocalEnd(client: Client, meta: StreamMeta): SpliceEnd {
  if (client.hasRoomForStream) tell(client, SERVER_NOTICES.LOCAL, meta)
  return new SpliceEnd(client, meta)
}

/** The dialling client must not learn which limit the peer has reached. */
async function takeSlot({ handshakeSlots }: LocalPeer, client: Client, signal: AbortSignal): Promise<HandshakeSlot> {
  try {
    return await handshakeSlots.take(client, signal)
  } catch (error) {
    if (signal.aborted) throw error
    throw connectionFailed('the peer does not accept connections at the moment', error)
  }
}

function unanswered(error: unknown): ProxyError {
  return error instanceof ProxyError && error.code === 'PEER_CONNECTION_FAILED'
    ? error
    : connectionFailed('the peer did not answer', error)
}
