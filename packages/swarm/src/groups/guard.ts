import type { WallClock } from '@swarmway/runtime'
import b4a from 'b4a'
import type { JoinedTopics } from '../discovery/joined-topics.js'
import { invalidArgument } from '../errors.js'
import { MAX_STATEMENTS } from '../handshake/extension.js'
import { type PublicKeyHex, publicKeyHex } from '../util/keys.js'
import { Membership } from './membership.js'
import { chosenGroup, noMembership, ownMembership } from './options.js'
import { Revocations } from './revocations.js'
import { claimedGroup, withMember, withoutMember } from './statement.js'

/** What the guard needs. */
export interface GuardContext {
  /** The swarm's own key. */
  readonly publicKey: Uint8Array
  /** The groups that the whole swarm is restricted to. */
  readonly memberships: readonly Membership[]
  readonly revocations: readonly Uint8Array[]
  readonly wallClock: WallClock
  readonly topics: JoinedTopics
}

/** The part of a peer that says which topics it is on. */
export interface PeerOnTopics {
  readonly topics: readonly Uint8Array[]
  removeTopic(topic: Uint8Array): boolean
}

/** Shared by all connections that depend on no membership. */
const NONE: readonly Membership[] = []

/**
 * Knows the groups of a swarm and of its topics: what we send to prove our membership, what the remote has
 * proved, and for which topics that suffices. Holds no connection and decides nothing about one.
 */
export class GroupGuard {
  readonly revocations = new Revocations()
  /** Groups of which every peer has to be in at least one, whatever the topic. Empty for an open swarm. */
  readonly #swarmGroups: readonly Uint8Array[]
  readonly #own = new Map<PublicKeyHex, Membership>()
  readonly #context: GuardContext

  /** Throws MEMBERSHIP_INVALID. */
  constructor(context: GuardContext) {
    this.#context = context
    this.#swarmGroups = context.memberships.map(({ groupKey }) => groupKey)
    for (const membership of context.memberships) this.#hold(membership)
    for (const list of context.revocations) this.revocations.add(list)
  }

  /** The group of a `join`; stores the membership, if it brings one. Throws a `TypeError` or NOT_A_MEMBER. */
  choose(choice: unknown): Uint8Array {
    const { key, own } = chosenGroup(choice, this.#context.publicKey)
    const isOfSwarm = this.#swarmGroups.some((group) => b4a.equals(group, key))
    if (this.#swarmGroups.length === MAX_STATEMENTS && !isOfSwarm) {
      throw invalidArgument(
        'group',
        `one of the swarm's own: a handshake has room for ${MAX_STATEMENTS} groups`,
        choice
      )
    }
    if (own !== null) this.#hold(own)
    else if (!this.#own.has(publicKeyHex(key))) throw noMembership()
    return key
  }

  /** Replaces the membership that we hold of the same group. Throws a `TypeError` or NOT_A_MEMBER. */
  renew(membership: unknown): void {
    const renewed = ownMembership(membership, this.#context.publicKey, 'membership')
    if (!this.#own.has(publicKeyHex(renewed.groupKey))) throw noMembership()
    this.#hold(renewed)
  }

  /** What the dialling side sends: our memberships of the swarm's groups and of the topics' groups. */
  statementsFor(topics: readonly Uint8Array[]): Uint8Array[] {
    const topicGroups = this.#context.topics.joined(topics).flatMap(({ group }) => group ?? [])
    return this.#statements([...this.#swarmGroups, ...topicGroups])
  }

  /** What the answering side sends: our memberships of the groups that the remote has proved to be in. */
  statementsTo(memberships: readonly Membership[]): Uint8Array[] {
    return this.#statements(memberships.map(({ groupKey }) => groupKey))
  }

  /** The valid statements of groups that matter here. */
  verify(statements: readonly Uint8Array[], memberKey: Uint8Array): readonly Membership[] {
    if (statements.length === 0) return NONE
    const wanted = this.#wantedGroups()
    const claimed = statements.filter((statement) => wanted.has(publicKeyHex(claimedGroup(statement))))
    return claimed
      .map((statement) => readMembership(withMember(statement, memberKey)))
      .filter((membership) => membership !== null)
      .filter((membership) => this.isValid(membership))
  }

  isValid(membership: Membership): boolean {
    if (membership.isExpired(this.#context.wallClock.now())) return false
    return !this.revocations.has(membership.groupKey, membership.memberKey)
  }

  /** Whether a peer with these memberships may be connected at all. */
  admits(memberships: readonly Membership[]): boolean {
    return this.#swarmGroups.length === 0 || this.#swarmGroups.some((group) => this.#covers(memberships, group))
  }

  /** The joined ones among `topics` that a peer with these memberships may be on. */
  allowedTopics(topics: readonly Uint8Array[], memberships: readonly Membership[]): Uint8Array[] {
    const allowed = this.#context.topics.joined(topics).filter(({ group }) => this.#covers(memberships, group))
    return allowed.map(({ topic }) => topic)
  }

  /** Whether a dial about `topics` may become a connection; a dial about no topic is about the key alone. */
  admitsDialled(topics: readonly Uint8Array[], memberships: readonly Membership[]): boolean {
    if (!this.admits(memberships)) return false
    const isAboutKey = this.#context.topics.joined(topics).length === 0
    return isAboutKey || this.allowedTopics(topics, memberships).length > 0
  }

  /** The topics that a dialling peer is admitted for, null to refuse it. `isExplicit`: we asked for that peer. */
  topicsOfIncoming(
    proven: readonly Uint8Array[],
    memberships: readonly Membership[],
    isExplicit: boolean
  ): Uint8Array[] | null {
    if (!this.admits(memberships)) return null
    const allowed = this.allowedTopics(proven, memberships)
    if (allowed.length > 0) return allowed
    if (proven.length > 0) return null
    return isExplicit || this.#hasTopicFor(memberships) ? [] : null
  }

  /** Takes the peer off the topics that it may not be on. */
  strike(peer: PeerOnTopics, memberships: readonly Membership[]): void {
    for (const { topic, group } of this.#context.topics.joined(peer.topics)) {
      if (!this.#covers(memberships, group)) peer.removeTopic(topic)
    }
  }

  /** Whether a peer with these memberships may be on the topic. */
  allows(topic: Uint8Array, memberships: readonly Membership[]): boolean {
    return this.#context.topics.joined([topic]).every(({ group }) => this.#covers(memberships, group))
  }

  /** Whether a joined topic is open to the peer, or no topic is joined. */
  #hasTopicFor(memberships: readonly Membership[]): boolean {
    const groups = [...this.#context.topics.groups()]
    return groups.length === 0 || groups.some((group) => this.#covers(memberships, group))
  }

  #covers(memberships: readonly Membership[], group: Uint8Array | null): boolean {
    if (group === null) return true
    return memberships.some((membership) => b4a.equals(membership.groupKey, group) && this.isValid(membership))
  }

  #statements(groups: Uint8Array[]): Uint8Array[] {
    const own = new Set(groups.map((group) => this.#own.get(publicKeyHex(group))))
    const known = [...own].filter((membership) => membership !== undefined)
    const valid = known.filter((membership) => this.isValid(membership))
    return valid.slice(0, MAX_STATEMENTS).map(({ bytes }) => withoutMember(bytes))
  }

  #wantedGroups(): Set<PublicKeyHex> {
    const groups = [...this.#swarmGroups, ...this.#context.topics.groups()]
    return new Set(groups.flatMap((group) => (group === null ? [] : publicKeyHex(group))))
  }

  #hold(membership: Membership): void {
    this.#own.set(publicKeyHex(membership.groupKey), membership)
  }
}

function readMembership(bytes: Uint8Array): Membership | null {
  try {
    return Membership.from(bytes)
  } catch {
    return null
  }
}
