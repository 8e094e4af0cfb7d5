import b4a from 'b4a'
import { invalidArgument } from '../errors.js'
import { assertPublicKey, createKeyPair, isBytes, type KeyPair } from '../util/keys.js'
import { Membership } from './membership.js'
import { encodeMembership, encodeRevocation, MAX_LABEL_BYTES } from './statement.js'

/** Options of `createGroup`. */
export interface CreateGroupOptions {
  /** The group's key pair. Default: derived from `seed`, or random. */
  keyPair?: KeyPair | undefined
  /** 32 bytes to derive the key pair from. Default: none. */
  seed?: Uint8Array | undefined
}

/** Options of `invite`. */
export interface InviteOptions {
  /** When the membership ends: a Date, or milliseconds since 1970. Default: never. */
  expiresAt?: Date | number | undefined
  /** Free text about the member, at most 64 bytes. Not secret: peers that it dials can read it. Default: none. */
  label?: string | undefined
}

/** A group whose secret key we hold: it can make and revoke members. */
export class Group {
  /** Anyone who holds it can make members. */
  readonly keyPair: KeyPair

  /** @internal Use {@link createGroup}. */
  constructor(keyPair: KeyPair) {
    this.keyPair = keyPair
  }

  /** Identifies the group. */
  get publicKey(): Uint8Array {
    return this.keyPair.publicKey
  }

  /** Makes the holder of `publicKey` a member. Throws a `TypeError` on a bad argument. */
  invite(publicKey: Uint8Array, { expiresAt, label = '' }: InviteOptions = {}): Membership {
    assertPublicKey(publicKey)
    if (typeof label !== 'string' || b4a.byteLength(label) > MAX_LABEL_BYTES) {
      throw invalidArgument('label', `a string of at most ${MAX_LABEL_BYTES} bytes`, label)
    }
    const fields = { groupKey: this.publicKey, memberKey: publicKey, expiresAt: timeOf(expiresAt), label }
    return Membership.from(encodeMembership(fields, this.keyPair))
  }

  /**
   * A signed list of all former members, for members to pass to `swarm.revoke`. `number` has to grow from
   * list to list: members keep the list with the greatest. Throws a `TypeError` on a bad argument.
   */
  revoke(publicKeys: readonly Uint8Array[], number: number): Uint8Array {
    if (!Array.isArray(publicKeys)) throw invalidArgument('publicKeys', 'an array of public keys', publicKeys)
    for (const publicKey of publicKeys) assertPublicKey(publicKey)
    if (!Number.isSafeInteger(number) || number < 0)
      throw invalidArgument('number', 'a whole number, 0 or more', number)
    return encodeRevocation({ groupKey: this.publicKey, number, memberKeys: publicKeys }, this.keyPair)
  }
}

/** Makes a group: a new one, or the one whose key pair is given or derived from 32 bytes of `seed`. */
export function createGroup({ keyPair, seed }: CreateGroupOptions = {}): Group {
  if (keyPair === undefined) return new Group(createKeyPair(seed))
  const isPair = isBytes(keyPair?.publicKey, 32) && isBytes(keyPair?.secretKey, 64)
  if (!isPair || !b4a.equals(keyPair.secretKey.subarray(32), keyPair.publicKey)) {
    throw invalidArgument('keyPair', 'an Ed25519 key pair: a publicKey of 32 and its secretKey of 64 bytes', keyPair)
  }
  return new Group(keyPair)
}

function timeOf(expiresAt: Date | number | undefined): number {
  if (expiresAt === undefined || expiresAt === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  const ms = expiresAt instanceof Date ? expiresAt.getTime() : expiresAt
  if (Number.isSafeInteger(ms) && ms > 0) return ms
  throw invalidArgument('expiresAt', 'a Date or a whole number of milliseconds since 1970', expiresAt)
}
