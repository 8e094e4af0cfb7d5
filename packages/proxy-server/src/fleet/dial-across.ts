import {
  ask,
  type ChannelShell,
  type Clock,
  FLEET_REQUESTS,
  fleetStreamMeta,
  type ProxyError
} from '@swarmway/proxy-protocol'
import type { ServerResources } from '../context/resources.js'
import type { DialOrder } from '../dialing/dht-dial.js'
import { type Answered, dialClient, type Verify } from '../dialing/local-dial.js'
import { cancelled, connectionFailed, peerNotFound } from '../errors.js'
import { SpliceEnd, UNCOUNTED } from '../streams/splice-end.js'
import type { OutgoingLinks } from './links.js'
import type { FleetServer } from './presence/presence.js'
import type { Routes } from './routes.js'

/** Milliseconds that a server has to answer before the next one is tried beside it. */
const HEAD_START_MS = 1500

/** What dials to clients of other servers need. */
export interface AcrossTools {
  readonly context: ServerResources
  readonly links: OutgoingLinks
  readonly routes: Routes
  /** A connection through another server is open. */
  onConnected(): void
}

/**
 * Connects a client of this server to one of another server. The servers are tried one after the other: one that does not
 * answer, or not at once, costs the dial only a moment. Settles as a dial through the DHT does.
 */
export async function dialAcross(servers: readonly FleetServer[], tools: AcrossTools, order: DialOrder): Promise<void> {
  const attempt = (server: FleetServer, message: Uint8Array, verify: Verify) =>
    offerTo(server, tools, order, { message, verify })
  const offer = (message: Uint8Array, verify: Verify) =>
    firstOf(servers, (server) => attempt(server, message, verify), tools.context.clock, order.signal)
  try {
    await dialClient(offer, tools.context, order)
    tools.onConnected()
  } catch (error) {
    throw order.signal.aborted ? cancelled('the dial') : error
  }
}

/** Resolves to the first success of `attempt`, rejects with the last failure. */
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
      if (signal.aborted) left.length = 0
      if (left.length > 0) next()
      else if (running === 0) {
        clock.clearTimeout(timer)
        reject(error)
      }
    }
    if (left.length === 0) reject(peerNotFound())
    else next()
  })
}

/**
 * Has the client at the server answer. A way that fails is not the first to be tried again. What the dialling client says
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
    if (codeOf(error) === 'HANDSHAKE_MALFORMED') tools.routes.failed(order.publicKey, server)
    throw error
  }
}

async function answerOf(
  server: FleetServer,
  { context, links, routes }: AcrossTools,
  { client, publicKey, signal }: DialOrder,
  message: Uint8Array
): Promise<Answered> {
  const options = { timeoutMs: context.limits.peerHandshakeTimeoutMs, signal }
  try {
    const { session } = links.to(server)
    const { answer, isRefused, offerId } = await ask(session, FLEET_REQUESTS.OFFER, { publicKey, message }, options)
    const meta = fleetStreamMeta.encode({ offerId })
    // A client with many streams gets no larger part of the link than one with few.
    const openChannel = (shell: ChannelShell) => Object.assign(session.openChannel(shell, meta), { group: client })
    const open = () => new SpliceEnd(UNCOUNTED, openChannel)
    return { answer, isRefused, open }
  } catch (error) {
    const code = codeOf(error)
    const { remote = false } = error as Partial<ProxyError>
    if (remote && code === 'NOT_FOUND') routes.delete(publicKey, server)
    else if (!signal.aborted) routes.failed(publicKey, server, !remote)
    throw OUTCOMES.has(code) ? error : connectionFailed('the server of the peer did not answer', error)
  }
}

function codeOf(error: unknown): string {
  return (error as Partial<ProxyError>).code ?? ''
}

/** Codes that say what became of the dial. */
const OUTCOMES: ReadonlySet<string> = new Set(['ABORTED', 'PEER_CONNECTION_FAILED', 'HANDSHAKE_MALFORMED'])
