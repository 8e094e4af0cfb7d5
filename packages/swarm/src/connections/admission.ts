import { type Clock, deadlineClock, trace } from '@swarmway/runtime'
import type { Membership } from '../groups/membership.js'
import { type Origin, REFUSAL, type Refusal } from '../handshake/extension.js'
import type { PeerInfo } from '../peers/peer-info.js'
import type { PeerTable } from '../peers/peer-table.js'
import { isOutdated, wasReplaced } from './dedup.js'
import type { FirewallCheck } from './firewall.js'
import type { IncomingContext, IncomingHandshake } from './incoming.js'
import type { ConnectionLimits } from './limits.js'
import { isOld, weakestReservation } from './reservations.js'
import { type ConnectionTable, dropInbound, type OpenConnection, type PendingInbound, type Slot } from './table.js'
import type { UnfinishedHandshakes } from './unfinished.js'

/** Milliseconds that an accepted handshake reserves a place for its connection. As long as HyperDHT itself waits. */
const CONFIRM_TIMEOUT_MS = 10_000
/** Milliseconds after which it counts as half open. The remote ends such a dial after three seconds, and tries again. */
const HALF_OPEN_MS = 4000
/** The same just after an outage, when the ways that others know to us are not the ones that work. */
const HALF_OPEN_RECOVERING_MS = 500

/** Stands for a host that a node does not tell. */
const UNKNOWN_HOST = ''

/** What the admission needs. */
export interface AdmissionContext extends IncomingContext {
  readonly settings: { readonly clock: Clock }
  readonly peers: PeerTable
  readonly table: ConnectionTable
  readonly limits: ConnectionLimits
  readonly firewall: FirewallCheck
  readonly unfinished: UnfinishedHandshakes
  /** False while suspended and after destroy, when nothing new may begin. */
  isActive(): boolean
  /** A connected peer has proved further topics and memberships. Returns the topics among them that it may be on. */
  onTopicUpdate(
    info: PeerInfo,
    open: OpenConnection,
    topics: readonly Uint8Array[],
    memberships: readonly Membership[]
  ): Uint8Array[]
  /** A connected peer has sent proofs that were not compared with all topics. */
  onUnproven(info: PeerInfo, open: OpenConnection, proofs: readonly Uint8Array[]): void
  /** Part of the peer's slot was freed: there may be room for others, or for this peer. */
  onSlotFreed(info: PeerInfo): void
  /** Whether the network is back since a moment ago. */
  isRecovering(): boolean
  /** A reserved connection does not come: dial the peer ourselves, if it is wanted. */
  onHalfOpen(info: PeerInfo): void
}

/** The reason for a refusal, as traces name it. */
const REASON: Readonly<Record<Refusal, string>> = {
  [REFUSAL.duplicate]: 'DUPLICATE',
  [REFUSAL.full]: 'LIMIT',
  [REFUSAL.notAMember]: 'NOT_A_MEMBER',
  [REFUSAL.keyInUse]: 'KEY_IN_USE'
}

/** The decision on a handshake: accepted, left unanswered, or refused with a reason. */
export type Verdict = 'accept' | 'ignore' | Refusal

/**
 * Decides about incoming handshakes before they are answered, and reserves a place for each accepted one. Check and
 * reservation happen in one tick, so racing handshakes cannot exceed a limit.
 */
export class Admission {
  readonly #context: AdmissionContext

  constructor(context: AdmissionContext) {
    this.#context = context
  }

  /** Decides at once, unless the application's firewall is asynchronous. */
  decide(
    remotePublicKey: Uint8Array,
    payload: object,
    incoming: IncomingHandshake | null,
    host = UNKNOWN_HOST
  ): Verdict | Promise<Verdict> {
    const { firewall } = this.#context
    if (!this.#isConsidered(remotePublicKey)) return 'ignore'
    if (incoming?.isTopicUpdate) return this.#takeTopicUpdate(remotePublicKey, incoming)
    if (incoming !== null && incoming.sparePathId !== null)
      return this.#takeSpare(remotePublicKey, incoming, incoming.sparePathId)
    const refuses = firewall.refuses(remotePublicKey, payload)
    if (typeof refuses === 'boolean') return this.#afterFirewall(refuses, remotePublicKey, incoming, host)
    return refuses.then((late) => this.#afterFirewall(late, remotePublicKey, incoming, host))
  }

  #isConsidered(remotePublicKey: Uint8Array): boolean {
    const { identity, peers, stats } = this.#context
    if (!this.#context.isActive()) return this.#ignore(remotePublicKey, 'SUSPENDED')
    if (identity.isSelf(remotePublicKey)) return this.#ignore(remotePublicKey, 'SELF')
    if (!peers.get(remotePublicKey)?.banned) return true
    stats.firewallRefusals++
    return this.#ignore(remotePublicKey, 'BANNED')
  }

  #ignore(remotePublicKey: Uint8Array, reason: string): false {
    trace.accept?.('refused', { peer: remotePublicKey, reason })
    return false
  }

  #afterFirewall(
    refuses: boolean,
    remotePublicKey: Uint8Array,
    incoming: IncomingHandshake | null,
    host: string
  ): Verdict {
    if (refuses) {
      this.#context.stats.firewallRefusals++
      this.#ignore(remotePublicKey, 'FIREWALLED')
    }
    if (refuses || !this.#isConsidered(remotePublicKey)) return 'ignore'
    const topics = this.#allowedTopics(remotePublicKey, incoming)
    if (topics === null) return this.#refuse(remotePublicKey, REFUSAL.notAMember)
    const slot = this.#context.table.get(remotePublicKey)
    const origin = incoming?.origin ?? null
    if (slot !== undefined && this.#isDuplicate(slot, origin)) {
      const refusal = wasReplaced(slot.open, origin) ? REFUSAL.keyInUse : REFUSAL.duplicate
      return this.#refuse(remotePublicKey, refusal)
    }
    if (slot === undefined && this.#context.peers.isQuiet(remotePublicKey)) return this.#leaveAlone(remotePublicKey)
    const displaced = this.#hasRoom(remotePublicKey, slot, topics)
      ? null
      : this.#displace(remotePublicKey, topics, host)
    if (displaced === false) return this.#refuse(remotePublicKey, REFUSAL.full)
    if (incoming !== null) incoming.topics = topics
    this.#reserve(remotePublicKey, topics, incoming, host)
    if (displaced !== null) this.#context.onSlotFreed(displaced)
    trace.accept?.('accepted', { peer: remotePublicKey, topics: topics.length })
    return 'accept'
  }

  /** The application has ended the connection with this peer, which tries again later and later. */
  #leaveAlone(remotePublicKey: Uint8Array): Refusal {
    this.#ignore(remotePublicKey, 'DISCONNECTED')
    return REFUSAL.full
  }

  /** Refuses a topic update, as it asks for no connection. The answer is unmarked if the connection is unknown. */
  #takeTopicUpdate(remotePublicKey: Uint8Array, incoming: IncomingHandshake): Verdict {
    const slot = this.#context.table.get(remotePublicKey)
    const isKnown = slot?.open?.origin?.incarnation === incoming.origin?.incarnation
    if (slot?.open && isKnown) {
      const { memberships, topics, unproven } = incoming
      incoming.topics = this.#context.onTopicUpdate(slot.info, slot.open, topics, memberships)
      this.#context.onUnproven(slot.info, slot.open, unproven)
    } else incoming.isTopicUpdate = false
    return REFUSAL.duplicate
  }

  /** Another path for a connection that is open takes no place of its own. */
  #takeSpare(remotePublicKey: Uint8Array, incoming: IncomingHandshake, pathId: number): Verdict {
    const open = this.#context.table.get(remotePublicKey)?.open
    const isKnown = open?.origin?.incarnation === incoming.origin?.incarnation
    if (!open || !isKnown || !this.#context.spares.admits(open.connection, pathId)) return REFUSAL.duplicate
    incoming.extended = open.connection
    return 'accept'
  }

  /** The topics that the remote is admitted for; null if it is not a member of a group that is required. */
  #allowedTopics(remotePublicKey: Uint8Array, incoming: IncomingHandshake | null): Uint8Array[] | null {
    const { groups, peers } = this.#context
    const isExplicit = peers.get(remotePublicKey)?.explicit === true
    return groups.topicsOfIncoming(incoming?.topics ?? [], incoming?.memberships ?? [], isExplicit)
  }

  #isDuplicate(slot: Slot, origin: Origin | null): boolean {
    // A peer that our dials reach, and that cannot reach us that way, may succeed with its own.
    if (slot.dial !== null)
      return !slot.info.halfOpen && !slot.dial.isHalfOpen && this.#context.identity.winsTieAgainst(slot.info.publicKey)
    if (slot.open === null || isOutdated(slot.open, origin)) return false
    slot.open.connection.sendKeepAlive()
    return true
  }

  #hasRoom(remotePublicKey: Uint8Array, slot: Slot | undefined, topics: Uint8Array[]): boolean {
    const { limits, peers, topics: joinedTopics } = this.#context
    const isExplicit = slot?.isAllowance === true || peers.get(remotePublicKey)?.explicit === true
    if (isExplicit || slot?.open?.isClient === false || slot?.inbound) return true
    if (!limits.canAccept(slot !== undefined)) return false
    // A remote that proves no topic cannot be counted against a topic's limit.
    return slot !== undefined || topics.length === 0 || limits.hasTopicRoom(joinedTopics.joined(topics))
  }

  #refuse(remotePublicKey: Uint8Array, refusal: Refusal): Refusal {
    const { stats } = this.#context
    trace.accept?.('refused', { peer: remotePublicKey, reason: REASON[refusal] })
    if (refusal === REFUSAL.duplicate || refusal === REFUSAL.keyInUse) stats.dedupDrops++
    else if (refusal === REFUSAL.notAMember) stats.notMembers++
    else stats.limitRefusals++
    return refusal
  }

  /**
   * Makes room by ending a reservation, see `weakestReservation`. Returns its peer, or false if that makes no room either.
   */
  #displace(remotePublicKey: Uint8Array, topics: Uint8Array[], host: string): PeerInfo | false {
    const { settings, table, unfinished } = this.#context
    const nowMs = settings.clock.now()
    const slot = weakestReservation(table, { host, topics }, unfinished, nowMs)
    if (slot === null || !this.#hasRoomWithout(slot, remotePublicKey, topics)) return false
    if (slot.inbound !== null && isOld(slot.inbound, nowMs)) unfinished.add(slot.inbound.host)
    this.#unreserve(slot)
    return slot.info
  }

  #hasRoomWithout(slot: Slot, remotePublicKey: Uint8Array, topics: Uint8Array[]): boolean {
    const { table } = this.#context
    const { inbound } = slot
    table.change(slot.info, { inbound: null })
    const hasRoom = this.#hasRoom(remotePublicKey, table.get(remotePublicKey), topics)
    table.change(slot.info, { inbound })
    return hasRoom
  }

  #reserve(remotePublicKey: Uint8Array, topics: Uint8Array[], incoming: IncomingHandshake | null, host: string): void {
    const { peers, settings, table } = this.#context
    const info = peers.upsert(remotePublicKey)
    const earlier = table.get(remotePublicKey)?.inbound
    earlier?.cancelExpiry()
    earlier?.connection?.destroy()
    const { origin, memberships, unproven } = incoming ?? { origin: null, memberships: [], unproven: [] }
    const nowMs = settings.clock.now()
    // A repeated handshake makes a reservation no younger.
    const reservedAt = earlier?.reservedAt ?? nowMs
    const pending = { connection: null, onClose: null, isHalfOpen: earlier?.isHalfOpen ?? false }
    // What the peer sent in time may wait unread while our event loop stands still.
    const clock = deadlineClock(settings.clock)
    const later = (run: () => void, delayMs: number) => clock.setTimeout(run, delayMs)
    const expire = later(() => this.#expire(remotePublicKey, inbound), CONFIRM_TIMEOUT_MS)
    const doubtMs = this.#context.isRecovering() ? HALF_OPEN_RECOVERING_MS : HALF_OPEN_MS
    const doubt = later(() => this.#doubt(remotePublicKey, inbound), doubtMs - (nowMs - reservedAt))
    const cancelExpiry = () => {
      clock.clearTimeout(expire)
      clock.clearTimeout(doubt)
    }
    const inbound: PendingInbound = {
      origin,
      topics,
      unproven,
      memberships,
      host,
      reservedAt,
      cancelExpiry,
      ...pending
    }
    // Topics count from now on, so that a topic's limit holds among racing handshakes.
    for (const topic of topics) info.addTopic(topic)
    const isAllowance = table.get(remotePublicKey)?.isAllowance ?? info.explicit
    table.change(info, { inbound, isAllowance })
  }

  #doubt(remotePublicKey: Uint8Array, inbound: PendingInbound): void {
    const slot = this.#context.table.get(remotePublicKey)
    if (slot?.inbound !== inbound) return
    inbound.isHalfOpen = true
    this.#context.onHalfOpen(slot.info)
  }

  #expire(remotePublicKey: Uint8Array, inbound: PendingInbound): void {
    const slot = this.#context.table.get(remotePublicKey)
    if (slot?.inbound !== inbound) return
    this.#context.unfinished.add(inbound.host)
    this.#unreserve(slot)
    this.#context.onSlotFreed(slot.info)
  }

  #unreserve(slot: Slot): void {
    const { stats, table } = this.#context
    stats.unconfirmed++
    trace.accept?.('unconfirmed', { peer: slot.info.publicKey })
    dropInbound(slot, table)
  }
}
