import { type EpochMs, systemWallClock } from '@swarmway/runtime'
import { invalidArgument, SwarmError } from '../errors.js'
import { copyOf } from '../util/keys.js'
import { fromZBase32, toZBase32 } from '../util/zbase32.js'
import { decodeMembership, type MembershipFields } from './statement.js'

/** A statement, signed by a group, that a public key is one of its members. Useless without the secret of that key. */
export class Membership implements MembershipFields {
  /** The public key of the group. */
  readonly groupKey: Uint8Array
  /** The public key of the member. */
  readonly memberKey: Uint8Array
  /** Milliseconds since 1970; Infinity for never. */
  readonly expiresAt: number
  /** The group's free text about the member. Every peer that the member dials can read it. */
  readonly label: string
  /** The statement itself, for storing or sending. */
  readonly bytes: Uint8Array

  private constructor(bytes: Uint8Array) {
    const { expiresAt, groupKey, label, memberKey } = decodeMembership(bytes)
    this.bytes = copyOf(bytes)
    this.groupKey = groupKey
    this.memberKey = memberKey
    this.expiresAt = expiresAt
    this.label = label
  }

  /** Reads a membership from its bytes or its text. Throws MEMBERSHIP_INVALID unless a group has signed it. */
  static from(statement: Uint8Array | string): Membership {
    if (statement instanceof Uint8Array) return new Membership(statement)
    if (typeof statement === 'string') return new Membership(bytesOf(statement))
    throw invalidArgument('statement', 'the bytes or the text of a membership', statement)
  }

  /** Whether it has ended at `now`, in milliseconds since 1970. Default: by the platform's clock. */
  isExpired(now: EpochMs = systemWallClock.now()): boolean {
    return now >= this.expiresAt
  }

  /** The text form: the bytes in z-base-32. */
  toString(): string {
    return toZBase32(this.bytes)
  }
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromZBase32(text.trim())
  if (bytes === null) throw new SwarmError('MEMBERSHIP_INVALID', 'the text of a membership must be z-base-32')
  return bytes
}
