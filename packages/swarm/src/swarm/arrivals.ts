import type { Clock } from '@swarmway/runtime'
import type { OpenedConnections } from '../connections/opened.js'
import type { ConnectionTable } from '../connections/table.js'
import type { Dialer } from '../dialing/dialer.js'
import type { JoinedTopics } from '../discovery/joined-topics.js'
import type { Identity } from '../handshake/identity.js'
import type { DiscoveredPeer } from '../network/dht-node.js'
import type { PeerInfo } from '../peers/peer-info.js'
import type { PeerTable } from '../peers/peer-table.js'
import { Slices } from '../util/slices.js'
import type { PeerVerdict } from './swarm-types.js'

/** Milliseconds that a peer which has found us as well has for its dial. An honest one on an idle machine needs ten. */
const YIELD_MS = 1000

/** What sorting the arrivals needs. */
export interface ArrivalsContext {
  readonly identity: Identity
  readonly peers: PeerTable
  readonly table: ConnectionTable
  readonly topics: JoinedTopics
  readonly settings: { readonly maxFoundPeers: number; readonly clock: Clock }
}

/** Sorts the peers that are found: they are remembered, sent to their open connection as a topic, or dialled. */
export class Arrivals {
  readonly #context: ArrivalsContext
  readonly #dialer: Dialer
  readonly #opened: OpenedConnections
  readonly #judge: (peer: DiscoveredPeer, topic: Uint8Array) => PeerVerdict

  constructor(
    context: ArrivalsContext,
    dialer: Dialer,
    opened: OpenedConnections,
    judge: (peer: DiscoveredPeer, topic: Uint8Array) => PeerVerdict
  ) {
    this.#context = context
    this.#dialer = dialer
    this.#opened = opened
    this.#judge = judge
  }

  /** A peer was found on `topic`. `isNews` is false for the re-lookups after a join, which do not hurry known peers. */
  add(peer: DiscoveredPeer, topic: Uint8Array, isNews: boolean): void {
    const { identity, peers, table } = this.#context
    if (identity.isSelf(peer.publicKey)) return
    const verdict = this.#judge(peer, topic)
    if (verdict === 'ignore') return
    const info = peers.upsert(peer.publicKey, peer.local ? null : peer.relayAddresses)
    if (this.#isBetterKnown(info, peer)) this.#dialer.promote(info)
    this.#makeRoom(info, topic)
    if (peer.local) this.#onLocal(info, peer)
    // A peer that is not a member of one topic's group may be welcome on another topic.
    const isNewHere = isNews || (info.stranger && !info.hasTopic(topic))
    const open = table.get(info)?.open ?? null
    if (open === null) info.addTopic(topic)
    else this.#opened.onFound(info, open, topic)
    if (verdict === 'keep') {
      info.parked = !info.explicit && !table.has(info)
      return
    }
    if (table.isTaken(info) || (!isNewHere && (info.waiting || info.parked))) return
    if (info.quiet && !info.explicit) peers.release(info, false)
    else if (!isNewHere && info.attempts > 0) this.#dialer.enqueueInTime(info)
    else {
      if (isNewHere && (!info.prioritized || info.server || info.parked)) info.reset()
      this.#dial(info, peer)
    }
  }

  #onLocal(info: PeerInfo, { relayAddresses }: DiscoveredPeer): void {
    info.onLocal(relayAddresses[0] ?? null)
    this.#dialer.room.startSlowly()
  }

  /** A peer is no longer on the local network. */
  onGone(publicKey: Uint8Array): void {
    const info = this.#context.peers.get(publicKey)
    if (info === undefined) return
    info.onLocal(null)
    this.#dialer.promote(info)
  }

  /** Whether the peer has a better place in the dial queue now that it was named again. */
  #isBetterKnown(info: PeerInfo, { from, local, present }: DiscoveredPeer): boolean {
    const isReported = from !== undefined && info.onReported(from)
    const wasPresent = info.present
    info.present ||= local === true || present === true
    return isReported || info.present !== wasPresent
  }

  /** If two peers find each other on the local network at the same moment, one dials, unless it cannot reach the other. */
  #dial(info: PeerInfo, { hasFoundUs = false }: DiscoveredPeer): void {
    const waits = hasFoundUs && !info.queued && !this.#context.identity.winsTieAgainst(info.publicKey)
    if (!waits) this.#dialer.enqueue(info)
    else this.#dialer.enqueueLater(info, YIELD_MS)
  }

  /** Forgets a peer that was only heard of if there are too many. Nodes, and a proxy server, can invent any number. */
  #makeRoom(info: PeerInfo, topic: Uint8Array): void {
    const { peers, settings, table } = this.#context
    if (!info.proven && !info.explicit) peers.hear(info, topic)
    const isInUse = (other: PeerInfo) => other === info || other.banned || table.has(other)
    const surplus = peers.surplus(topic, settings.maxFoundPeers, isInUse)
    if (surplus === null) return
    this.#dialer.forget(surplus)
    peers.delete(surplus)
  }

  /**
   * The topic was left. Peers known only for it are forgotten, except those with a connection; many of them little by
   * little, unless the topic is joined again meanwhile.
   */
  async forgetTopic(topic: Uint8Array): Promise<void> {
    const { peers, settings, topics } = this.#context
    const slices = new Slices(settings.clock)
    await slices.each(this.#dialer.takeLimited(topic), (info) => this.#dialer.enqueue(info))
    await slices.each([...peers.map.values()], (info) => {
      if (topics.joined([topic]).length === 0) this.#forget(info, topic)
    })
  }

  #forget(info: PeerInfo, topic: Uint8Array): void {
    const { peers, table } = this.#context
    if (table.has(info) || !info.removeTopic(topic) || info.topics.length > 0) return
    info.parked = false
    peers.release(info, false)
  }
}
