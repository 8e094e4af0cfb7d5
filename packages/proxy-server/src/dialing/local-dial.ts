import {
  ask,
  ProxyError,
  SERVER_NOTICES,
  SERVER_REQUESTS,
  STREAM_KIND,
  type StreamMeta,
  tell,
  VERDICT,
  withoutStack
} from '@swarmway/proxy-protocol'
import type { Client } from '../client/client.js'
import type { ServerResources } from '../context/resources.js'
import { packetSized } from '../dht/handshake-size.js'
import { cancelled, connectionFailed } from '../errors.js'
import type { Owner } from '../fairness/fair-queue.js'
import type { HandshakeSlot, LocalPeer } from '../listening/handshake-slots.js'
import { Splice } from '../streams/splice.js'
import { SpliceEnd } from '../streams/splice-end.js'
import type { DialOrder } from './dht-dial.js'

/** The payload that HyperDHT would put into a handshake; two clients need none. */
const NOTHING = new Uint8Array(0)

/** A client's answer to the handshake message of another. */
export interface Answered {
  readonly answer: Uint8Array
  /** Whether it refuses the connection; the answer then carries the reason. */
  readonly isRefused: boolean
  /** Opens the stream to the client that was dialled. @throws ProxyError */
  open(): SpliceEnd
}

/** Has the dialling client read an answer. Rejects with HANDSHAKE_MALFORMED if it is not from the peer. */
export type Verify = (answered: Answered) => Promise<unknown>

/** Has the client that is dialled answer a handshake message, wherever it is, and resolves to the verified answer. */
export type Offer = (message: Uint8Array, verify: Verify) => Promise<Answered>

/**
 * Connects two clients of this server: carries their handshake back and forth and splices a stream of each. Settles
 * as a dial through the DHT does.
 */
export function dialLocally(peer: LocalPeer, context: ServerResources, order: DialOrder): Promise<void> {
  const offer: Offer = async (message, verify) => {
    const answered = await offerLocally(peer, context, { ...order, message, owner: order.client })
    await verify(answered)
    return answered
  }
  return dialClient(offer, context, order)
}

/** Connects a client of this server to another client, which answers what `offer` brings it. */
export async function dialClient(offer: Offer, context: ServerResources, order: DialOrder): Promise<void> {
  const { client, dialId, signal } = order
  const options = { timeoutMs: context.limits.peerHandshakeTimeoutMs, signal }
  const message = packetSized(await ask(client, SERVER_REQUESTS.DIAL_SEND, { id: dialId, bytes: NOTHING }, options))
  const verify: Verify = ({ answer }) => ask(client, SERVER_REQUESTS.DIAL_RECV, { id: dialId, bytes: answer }, options)
  const answered = await offer(message, verify)
  if (answered.isRefused) throw withoutStack('SERVER_ERROR', 'the peer refused the connection')
  if (signal.aborted) throw cancelled('the dial')
  splice(answered, context, order)
}

/** A handshake message for a client of this server. */
export interface LocalOffer {
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  /** Whose turn it takes. */
  readonly owner: Owner
  readonly signal: AbortSignal
}

/** Brings a client of this server a handshake message, and returns its answer. Rejects with PEER_CONNECTION_FAILED. */
export async function offerLocally(
  peer: LocalPeer,
  context: ServerResources,
  { message, owner, publicKey, signal }: LocalOffer
): Promise<Answered> {
  const options = { timeoutMs: context.limits.peerHandshakeTimeoutMs, signal }
  const slot = await takeSlot(peer, owner, signal)
  try {
    const received = { id: slot.id, publicKey, message }
    const answered = await ask(peer.client, SERVER_REQUESTS.ACCEPT_RECV, received, options)
    if (answered.verdict === VERDICT.IGNORE) throw connectionFailed('the peer did not answer')
    const { bytes } = await ask(peer.client, SERVER_REQUESTS.ACCEPT_SEND, { id: slot.id, bytes: NOTHING }, options)
    const open = () => openLocalEnd(peer.client, { kind: STREAM_KIND.ACCEPT, id: slot.id })
    return { answer: packetSized(bytes), isRefused: answered.verdict === VERDICT.REFUSE, open }
  } catch (error) {
    // The dialling client must not learn what went wrong at the peer.
    throw error instanceof ProxyError && error.code === 'ABORTED' ? error : unanswered(error)
  } finally {
    slot.release()
  }
}

function splice(answered: Answered, context: ServerResources, { client, dialId }: DialOrder): void {
  if (!client.hasRoomForStream) throw client.atLimit('maxStreams', 'streams')
  const accepted = answered.open()
  try {
    const dialled = openLocalEnd(client, { kind: STREAM_KIND.DIAL, id: dialId })
    new Splice(client, [dialled, accepted], context.budget)
    context.counters.splices++
  } catch (error) {
    accepted.reset(connectionFailed('the dialling peer is gone'))
    throw error
  }
}

/** Said apart from the meta: older clients of this version ignore a notification that they do not know. */
function openLocalEnd(client: Client, meta: StreamMeta): SpliceEnd {
  if (client.hasRoomForStream) tell(client, SERVER_NOTICES.LOCAL, meta)
  return new SpliceEnd(client, (shell) => client.openChannel(shell, meta))
}

/** The dialling client must not learn which limit the peer has reached. */
async function takeSlot({ handshakeSlots }: LocalPeer, owner: Owner, signal: AbortSignal): Promise<HandshakeSlot> {
  try {
    return await handshakeSlots.take(owner, signal)
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
