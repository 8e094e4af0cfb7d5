import type { Clock, WallClock } from '@swarmway/runtime'
import b4a from 'b4a'
import type { JoinedTopics } from '../discovery/joined-topics.js'
import { invalidArgument, SwarmError } from '../errors.js'
import type { GroupGuard } from '../groups/guard.js'
import type { Membership } from '../groups/membership.js'
import type { PeerInfo } from '../peers/peer-info.js'
import { type ConnectionTable, dropInbound, type OpenConnection, type Slot } from './table.js'

/**
 * Longest time between two checks of the time of day, which may be set, or advance while the machine sleeps and timers
 * stand still.
 */
const MAX_WAIT_MS = 60_000

/** What the watch needs. */
export interface MembershipWatchContext {
  readonly settings: { readonly clock: Clock; readonly wallClock: WallClock }
  readonly table: ConnectionTable
  readonly topics: JoinedTopics
  readonly groups: GroupGuard
  /** Part of the peer's slot was freed: there may be room for others, or for this peer. */
  onSlotFreed(info: PeerInfo): void
}

/** Ends connections when the memberships they depend on end, by expiry or revocation. */
export class MembershipWatch {
  readonly #context: MembershipWatchContext
  readonly #timers = new Map<OpenConnection, unknown>()

  constructor(context: MembershipWatchContext) {
    this.#context = context
  }

  /** A connection is about to be shown. */
  add(info: PeerInfo, open: OpenConnection): void {
    info.memberships = open.memberships
    this.#context.groups.strike(info, open.memberships)
    this.#wait(info, open)
  }

  /** The peer of an open connection has proved further memberships. */
  extend(info: PeerInfo, open: OpenConnection, memberships: readonly Membership[]): void {
    if (memberships.length === 0) return
    const isOther = ({ groupKey }: Membership) => !memberships.some((newer) => b4a.equals(newer.groupKey, groupKey))
    open.memberships = [...open.memberships.filter(isOther), ...memberships]
    info.memberships = open.memberships
    this.remove(open)
    this.#wait(info, open)
  }

  remove(open: OpenConnection): void {
    this.#context.settings.clock.clearTimeout(this.#timers.get(open))
    this.#timers.delete(open)
  }

  /** A topic was joined for a group: peers that have not proved membership are taken off it. */
  strikeAll(): void {
    for (const { info, open } of this.#context.table) {
      if (open !== null) this.#context.groups.strike(info, open.memberships)
    }
  }

  /** Takes a signed list, and ends what depends on those it names. False if it is old. Throws MEMBERSHIP_INVALID. */
  revoke(list: Uint8Array): boolean {
    if (!(list instanceof Uint8Array)) throw invalidArgument('list', 'a list made by group.revoke', list)
    const revoked = this.#context.groups.revocations.add(list)
    for (const memberKey of revoked?.memberKeys ?? []) {
      const slot = this.#context.table.get(memberKey)
      if (slot !== undefined) this.#recheck(slot)
    }
    return revoked !== null
  }

  #recheck(slot: Slot): void {
    const { groups, table } = this.#context
    // The handshake of a new dial will show what it is worth.
    slot.dial?.cancel('CANCELLED')
    const { inbound, open } = slot
    if (inbound !== null && !inbound.memberships.every((membership) => groups.isValid(membership))) {
      dropInbound(slot, table)
      this.#context.onSlotFreed(slot.info)
    }
    if (open !== null) this.#recheckOpen(slot.info, open)
  }

  /** A connection that has lost a membership stays only if its remaining ones suffice. */
  #recheckOpen(info: PeerInfo, open: OpenConnection): void {
    const { groups, topics } = this.#context
    const left = open.memberships.filter((membership) => groups.isValid(membership))
    if (left.length === open.memberships.length) return
    groups.strike(info, left)
    const isOnTopic = topics.joined(info.topics).length > 0
    if (groups.admits(left) && (isOnTopic || info.explicit || left.length > 0)) return
    const isRevoked = open.memberships.some(({ groupKey, memberKey }) => groups.revocations.has(groupKey, memberKey))
    // A peer whose membership has expired may have a new one when it is dialled again.
    info.parked = isRevoked && isOnTopic && !info.explicit
    open.connection.destroy(new SwarmError('NOT_A_MEMBER', 'the peer is no longer a member of the group'))
  }

  /** Checks the connection again when its next membership ends, and at least every minute until then. */
  #wait(info: PeerInfo, open: OpenConnection): void {
    const { clock, wallClock } = this.#context.settings
    const now = wallClock.now()
    const ends = open.memberships.map(({ expiresAt }) => expiresAt).filter((expiresAt) => expiresAt > now)
    const nextMs = Math.min(...ends) - now
    if (nextMs === Number.POSITIVE_INFINITY) return
    const look = () => {
      this.#recheckOpen(info, open)
      this.#wait(info, open)
    }
    this.#timers.set(open, clock.setTimeout(look, Math.min(nextMs, MAX_WAIT_MS)))
  }
}
