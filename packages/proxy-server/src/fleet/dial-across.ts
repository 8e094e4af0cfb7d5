import {
  ask,
  type ChannelShell,
  type Clock,
  FLEET_REQUESTS,
  fleetStreamMeta,
  ProxyError
} from '@swarmway/proxy-protocol'
import { codeOf } from '@swarmway/runtime'
import { createAbort } from '../client/abort.js'
import type { ServerResources } from '../context/resources.js'
import type { DialOrder } from '../dialing/dht-dial.js'
import { type Answered, dialClient, type Verify } from '../dialing/local-dial.js'
import { cancelled, connectionFailed, peerNotFound } from '../errors.js'
import { SpliceEnd, UNCOUNTED } from '../streams/splice-end.js'
import type { OutgoingLinks } from './links.js'
import type { OfferTurns } from './offer-turns.js'
import type { FleetServer } from './presence/presence.js'
import type { Routes } from './routes.js'

/** Milliseconds that a server has to answer before the next one is tried beside it. */
const HEAD_START_MS = 1500

/** Milliseconds that a link to a server may take to open, or to open again, before the dial tries another way. */
const LINK_PATIENCE_MS = 2000

/** No server brought the dial to the peer: it may be elsewhere. */
export class NotReachedError extends ProxyError {
  constructor(cause: unknown, code = 'PEER_CONNECTION_FAILED') {
    super(code, 'no server of the fleet brought an answer of the peer', { cause })
  }
}

/** What dials to clients of other servers need. */
export interface AcrossTools {
  readonly context: ServerResources
  readonly links: OutgoingLinks
  readonly routes: Routes
  readonly turns: OfferTurns
  /** A connection through another server is open. */
  onConnected(): void
}

/**
 * Connects a client of this server to one of another server. The servers are tried one after the other: one that does not
 * answer, or not at once, costs the dial only a moment. Settles as a dial through the DHT does; rejects with
 * `NotReachedError` if no server had the peer.
 */
export async function dialAcross(servers: readonly FleetServer[], tools: AcrossTools, order: DialOrder): Promise<void> {
  const offer = async (message: Uint8Array, verify: Verify) => {
    const won = createAbort()
    const signal = AbortSignal.any([order.signal, won.signal])
    const attempt = (server: FleetServer) => offerTo(server, tools, { ...order, signal }, { message, verify })
    try {
      return await firstOf(servers, attempt, tools.context.clock, order.signal)
    } finally {
      // Those that still wait take nobody's turn.
      won.abort()
    }
  }
  try {
    await dialClient(offer, tools.context, order)
    tools.onConnected()
  } catch (error) {
    throw order.signal.aborted ? cancelled('the dial') : error
  }
}

/** Resolves to the first success of `attempt`, or rejects with a failure: rather one that says what the peer did. */
function firstOf(
  servers: readonly FleetServer[],
  attempt: (server: FleetServer) => Promise<Answered>,
  clock: Clock,
  signal: AbortSignal
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const left = [...servers]
    let running = 0
    let timer: unknown = null
    let failure: unknown = null
    const next = (): void => {
      clock.clearTimeout(timer)
      const server = left.shift()
      if (server === undefined) return
      running++
      timer = clock.setTimeout(next, HEAD_START_MS)
      attempt(server).then(succeed, fail)
    }
    const succeed = (answered: Answered): void => {
      clock.clearTimeout(timer)
      left.length = 0
      resolve(answered)
    }
    const fail = (error: unknown): void => {
      running--
      if (failure === null || failure instanceof NotReachedError) failure = error
      if (signal.aborted) left.length = 0
      if (left.length > 0) next()
      else if (running === 0) {
        clock.clearTimeout(timer)
        reject(failure)
      }
    }
    if (left.length === 0) reject(peerNotFound())
    else next()
  })
}

/**
 * Has the client at the server answer. A way that fails is not the first to be tried again, and whatever the server says of
 * the peer, another way is tried: only the peer can prove that it was asked. What the dialling client says
 * of the answer counts only if that is not from the peer: it could spoil the way for others.
 */
async function offerTo(
  server: FleetServer,
  tools: AcrossTools,
  order: DialOrder,
  { message, verify }: { message: Uint8Array; verify: Verify }
): Promise<Answered> {
  const answered = await answerOf(server, tools, order, message)
  try {
    await verify(answered)
    return answered
  } catch (error) {
    if (codeOf(error) !== 'HANDSHAKE_MALFORMED') throw error
    tools.routes.failed(order.publicKey, server)
    throw new NotReachedError(error, 'HANDSHAKE_MALFORMED')
  }
}

async function answerOf(
  server: FleetServer,
  tools: AcrossTools,
  order: DialOrder,
  message: Uint8Array
): Promise<Answered> {
  const { publicKey, signal } = order
  try {
    return await offerInTurn(server, tools, order, message)
  } catch (error) {
    const isRemote = error instanceof ProxyError && error.remote
    if (isRemote && error.code === 'NOT_FOUND') tools.routes.delete(publicKey, server)
    else if (!signal.aborted) tools.routes.failed(publicKey, server, !isRemote)
    throw signal.aborted ? error : new NotReachedError(error)
  }
}

/** Asks when it is the client's turn. */
async function offerInTurn(
  server: FleetServer,
  { context, links, turns }: AcrossTools,
  { client, publicKey, signal }: DialOrder,
  message: Uint8Array
): Promise<Answered> {
  const endTurn = await turns.take(server, publicKey, client, signal)
  try {
    const link = links.to(server)
    if (!(await link.hasConnection(LINK_PATIENCE_MS))) throw connectionFailed(`no link to the server ${server.name}`)
    const { session } = link
    const options = { timeoutMs: context.limits.peerHandshakeTimeoutMs, signal }
    const { answer, isRefused, offerId } = await ask(session, FLEET_REQUESTS.OFFER, { publicKey, message }, options)
    const meta = fleetStreamMeta.encode({ offerId })
    // A client with many streams gets no larger part of the link than one with few.
    const openChannel = (shell: ChannelShell) => Object.assign(session.openChannel(shell, meta), { group: client })
    return { answer, isRefused, open: () => new SpliceEnd(UNCOUNTED, openChannel) }
  } finally {
    endTurn()
  }
}
