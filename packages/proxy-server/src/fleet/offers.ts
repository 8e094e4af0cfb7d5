import {
  type ChannelShell,
  FLEET_REQUESTS,
  fleetStreamMeta,
  type OfferAnswer,
  type OfferBody,
  requestDispatch,
  type SessionOptions,
  type StreamChannel,
  withoutStack
} from '@swarmway/proxy-protocol'
import type { ServerResources } from '../context/resources.js'
import { type Answered, offerLocally } from '../dialing/local-dial.js'
import { connectionFailed } from '../errors.js'
import type { Owner } from '../fairness/fair-queue.js'
import type { LocalPeer } from '../listening/handshake-slots.js'
import type { Listeners } from '../listening/listeners.js'
import { Splice } from '../streams/splice.js'
import { SpliceEnd, UNCOUNTED } from '../streams/splice-end.js'

/**
 * Handshakes of one server that may wait for their turn at a client, as a multiple of those that the client does at once:
 * a server that lies cannot make this one remember more. The client gives the servers their turns; which of its clients a
 * server sends first is up to that server.
 */
const QUEUE_FACTOR = 8

interface Accepted {
  readonly serverId: string
  readonly peer: LocalPeer
  readonly open: Answered['open']
  readonly timer: unknown
}

interface Asking {
  readonly offers: Offers
  readonly server: AskingServer
}

/** A server, and whose turn its handshakes take at a client. */
interface AskingServer extends Owner {
  readonly id: string
}

const answer = requestDispatch<typeof FLEET_REQUESTS, Asking>(
  FLEET_REQUESTS,
  { OFFER: ({ offers, server }, body) => offers.answer(server, body) },
  'server'
)

/** What other servers ask of this one: to have its clients answer handshakes, and to connect those clients. */
export class Offers {
  /** Streams that other servers have opened to clients of this one, in total. */
  opened = 0
  readonly #context: ServerResources
  readonly #listeners: Listeners
  readonly #accepted = new Map<number, Accepted>()
  /** Handshakes in progress and those that wait, by server and client. */
  readonly #pending = new Map<string, Map<LocalPeer, number>>()
  #lastId = 0

  constructor(context: ServerResources, listeners: Listeners) {
    this.#context = context
    this.#listeners = listeners
  }

  /** The handlers of a session with this server. */
  sessionOptions(serverId: string): Pick<SessionOptions, 'onRequest' | 'onChannel'> {
    const server = { id: serverId, network: `server ${serverId}` }
    return {
      onRequest: (op, body) => answer({ offers: this, server }, op, body),
      onChannel: (channel, meta) => this.#connect(serverId, channel, meta)
    }
  }

  /**
   * OFFER. Rejects with `NOT_FOUND` if the client is not here, or as a dial does. A client without a link is still here:
   * it may come back.
   */
  async answer(server: AskingServer, { message, publicKey }: OfferBody): Promise<OfferAnswer> {
    const peer = this.#listeners.localPeer(publicKey)
    if (peer === null) throw withoutStack('NOT_FOUND', 'no client of this server has the key')
    if (!peer.client.attached) throw withoutStack('LINK_CLOSED', 'the peer has no link at the moment')
    const release = this.#reserve(server.id, peer)
    try {
      const { signal } = peer.client
      const answered = await offerLocally(peer, this.#context, { publicKey, message, owner: server, signal })
      const { answer: bytes, isRefused } = answered
      return { offerId: isRefused ? 0 : this.#keep(server.id, peer, answered), isRefused, answer: bytes }
    } finally {
      release()
    }
  }

  /** Forgets the offers whose streams were not opened. */
  destroy(): void {
    for (const { timer } of this.#accepted.values()) this.#context.clock.clearTimeout(timer)
    this.#accepted.clear()
  }

  #reserve(serverId: string, peer: LocalPeer): () => void {
    const pending = this.#pending.get(serverId) ?? new Map<LocalPeer, number>()
    this.#pending.set(serverId, pending)
    const count = pending.get(peer) ?? 0
    const most = peer.client.limits.maxPendingHandshakes * QUEUE_FACTOR
    if (count >= most) throw connectionFailed('the peer does not accept connections now')
    pending.set(peer, count + 1)
    return () => {
      const left = (pending.get(peer) ?? 1) - 1
      if (left > 0) pending.set(peer, left)
      else pending.delete(peer)
      if (pending.size === 0 && this.#pending.get(serverId) === pending) this.#pending.delete(serverId)
    }
  }

  /** The server opens the stream next, or never. */
  #keep(serverId: string, peer: LocalPeer, { open }: Answered): number {
    const { clock, limits } = this.#context
    const offerId = ++this.#lastId
    const timer = clock.setTimeout(() => this.#accepted.delete(offerId), 2 * limits.peerHandshakeTimeoutMs)
    this.#accepted.set(offerId, { serverId, peer, open, timer })
    return offerId
  }

  /** The server opens the stream of an offer. */
  #connect(serverId: string, channel: StreamChannel, meta: Uint8Array): ChannelShell {
    const { offerId } = fleetStreamMeta.decode(meta)
    const accepted = this.#accepted.get(offerId)
    if (accepted?.serverId !== serverId) throw withoutStack('NOT_FOUND', 'there is no such offer')
    this.#accepted.delete(offerId)
    this.#context.clock.clearTimeout(accepted.timer)
    const local = accepted.open()
    const remote = new SpliceEnd(UNCOUNTED, (shell) => {
      channel.shell = shell
      channel.group = accepted.peer.client
      return channel
    })
    new Splice(accepted.peer.client, [remote, local], this.#context.budget)
    this.opened++
    return remote
  }
}
