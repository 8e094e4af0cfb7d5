import b4a from 'b4a'
import { invalidArgument, SwarmError } from '../errors.js'
import { MAX_STATEMENTS } from '../handshake/extension.js'
import { isBytes, KEY_BYTES } from '../util/keys.js'
import { Group } from './group.js'
import { Membership } from './membership.js'
import { decodeRevocation } from './statement.js'

/** The group options of a swarm. */
export interface GroupOptions {
  /**
   * Connect only to members of the group, both ways; with several, up to three, to members of any of them. Each must
   * be for the swarm's own key. Default: none, anyone connects.
   */
  membership?: Membership | readonly Membership[] | undefined
  /** The same, for the holder of the group's secret key: the swarm becomes a member automatically. Default: none. */
  group?: Group | undefined
  /** Signed lists of former members, made by `group.revoke`. Default: none. See `swarm.revoke`. */
  revocations?: readonly Uint8Array[] | undefined
}

/** What `join` takes as a group: its public key, the Group, or a membership in it. */
export type GroupChoice = Uint8Array | Group | Membership

/**
 * The memberships that the options give the swarm with this key. Throws a `TypeError` that names the first bad
 * option, or MEMBERSHIP_INVALID.
 */
export function membershipsOf(options: GroupOptions, publicKey: Uint8Array): Membership[] {
  const { group, membership = [] } = options
  const given = Array.isArray(membership) ? membership : [membership]
  const memberships = given.map((one: unknown) => ownMembership(one, publicKey, 'membership'))
  if (group !== undefined) memberships.push(assertGroup(group).invite(publicKey))
  if (memberships.length > MAX_STATEMENTS) {
    throw invalidArgument('membership', `at most ${MAX_STATEMENTS}: a handshake has no room for more`, given)
  }
  return memberships
}

/** The signed lists in the options. Throws a `TypeError` or MEMBERSHIP_INVALID. */
export function revocationsOf({ revocations = [] }: GroupOptions): readonly Uint8Array[] {
  const isList = Array.isArray(revocations) && revocations.every((list) => list instanceof Uint8Array)
  if (!isList) throw invalidArgument('revocations', 'an array of signed lists, Uint8Arrays', revocations)
  revocations.forEach(decodeRevocation)
  return revocations
}

/** The key of the chosen group, and our membership if the choice includes one. Throws a `TypeError`. */
export function chosenGroup(choice: unknown, publicKey: Uint8Array): { key: Uint8Array; own: Membership | null } {
  if (isBytes(choice, KEY_BYTES)) return { key: choice, own: null }
  const own = choice instanceof Group ? choice.invite(publicKey) : ownMembership(choice, publicKey, 'group')
  return { key: own.groupKey, own }
}

/** Verifies that `value` is a membership of this key. Throws a `TypeError` that names the option. */
export function ownMembership(value: unknown, publicKey: Uint8Array, name: string): Membership {
  if (!hasStatement(value)) {
    const expected = name === 'group' ? 'a public key of 32 bytes, a Group or a Membership' : 'a Membership'
    throw invalidArgument(name, expected, value)
  }
  // Verified again: an instance from another copy of this package is valid, an object made by hand is not.
  const membership = Membership.from(value.bytes)
  if (b4a.equals(membership.memberKey, publicKey)) return membership
  throw invalidArgument(name, "for the swarm's own public key; pass the keyPair that it was made for", value)
}

/** The error for a group in which the swarm has no membership. */
export function noMembership(): SwarmError {
  return new SwarmError('NOT_A_MEMBER', 'the swarm holds no membership of this group; pass the membership itself')
}

function assertGroup(group: unknown): Group {
  if (group instanceof Group) return group
  throw invalidArgument('group', 'a Group from createGroup (a member passes its membership instead)', group)
}

function hasStatement(value: unknown): value is { bytes: Uint8Array } {
  return typeof value === 'object' && value !== null && 'bytes' in value && value.bytes instanceof Uint8Array
}
