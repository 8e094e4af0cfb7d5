/**
 * The signed statements of groups, as bytes. Integers are little-endian.
 *
 *     membership   version 1 (1 byte), group key 32, member key 32, expires at (8 bytes, milliseconds since 1970,
 *                  0 for never), label length (1 byte), label in UTF-8, signature 64
 *     revocation   version 1 (1 byte), group key 32, number (8 bytes), count (4 bytes), that many member keys,
 *                  signature 64
 *
 * The signature is the group's (Ed25519), over a label specific to the kind of statement and all bytes before it.
 *
 * In a handshake, a membership omits its member key: it is the sender's static key, which Noise proves. So a
 * statement sent by somebody else becomes another statement, and its signature is wrong.
 */
import b4a from 'b4a'
import sodium from 'sodium-universal'
import { SwarmError } from '../errors.js'
import { copyOf, KEY_BYTES, type KeyPair } from '../util/keys.js'
import { readUint64, viewOf, writeUint64 } from '../util/little-endian.js'

const VERSION = 1
const SIGNATURE_BYTES = 64
const NUMBER_BYTES = 8
const MEMBER_AT = 1 + KEY_BYTES
const LABEL_AT = MEMBER_AT + KEY_BYTES + NUMBER_BYTES
const KEYS_AT = 1 + KEY_BYTES + NUMBER_BYTES + 4

/** Most bytes of a label: three memberships have to fit into a handshake, and the handshake into a UDP packet. */
export const MAX_LABEL_BYTES = 64
const SIGNED_AS = {
  membership: b4a.from('swarmway group membership'),
  revocation: b4a.from('swarmway group revocation')
}

/** The content of a membership. */
export interface MembershipFields {
  readonly groupKey: Uint8Array
  readonly memberKey: Uint8Array
  /** Milliseconds since 1970; Infinity for never. */
  readonly expiresAt: number
  readonly label: string
}

/** The content of a revocation. */
export interface RevocationFields {
  readonly groupKey: Uint8Array
  /** Increases: a list with a greater number replaces one with a lesser number. */
  readonly number: number
  readonly memberKeys: readonly Uint8Array[]
}

export function encodeMembership(fields: MembershipFields, groupKeyPair: KeyPair): Uint8Array {
  const label = b4a.from(fields.label)
  const expiresAt = fields.expiresAt === Number.POSITIVE_INFINITY ? 0 : fields.expiresAt
  const head = [Uint8Array.of(VERSION), fields.groupKey, fields.memberKey, uint64(expiresAt)]
  return signed(b4a.concat([...head, Uint8Array.of(label.byteLength), label]), 'membership', groupKeyPair)
}

/** Throws MEMBERSHIP_INVALID on anything but a membership with a valid signature. */
export function decodeMembership(bytes: Uint8Array): MembershipFields {
  const body = verified(bytes, 'membership', LABEL_AT + 1)
  const labelBytes = body[LABEL_AT] ?? 0
  if (labelBytes > MAX_LABEL_BYTES || body.byteLength !== LABEL_AT + 1 + labelBytes)
    throw invalid('membership', 'length')
  const expiresAt = numberAt(body, LABEL_AT - NUMBER_BYTES, 'membership')
  return {
    groupKey: keyAt(body, 1),
    memberKey: keyAt(body, MEMBER_AT),
    expiresAt: expiresAt === 0 ? Number.POSITIVE_INFINITY : expiresAt,
    label: b4a.toString(body.subarray(LABEL_AT + 1))
  }
}

/** A membership as sent in a handshake. */
export function withoutMember(membership: Uint8Array): Uint8Array {
  return b4a.concat([membership.subarray(0, MEMBER_AT), membership.subarray(MEMBER_AT + KEY_BYTES)])
}

/** Reverses `withoutMember` if `memberKey` is the key that was removed; with any other key the signature is wrong. */
export function withMember(statement: Uint8Array, memberKey: Uint8Array): Uint8Array {
  return b4a.concat([statement.subarray(0, MEMBER_AT), memberKey, statement.subarray(MEMBER_AT)])
}

/** The key of the group that a statement claims to come from. Shorter than a key if the statement is cut off. */
export function claimedGroup(statement: Uint8Array): Uint8Array {
  return statement.subarray(1, MEMBER_AT)
}

export function encodeRevocation(fields: RevocationFields, groupKeyPair: KeyPair): Uint8Array {
  const count = b4a.alloc(4)
  viewOf(count).setUint32(0, fields.memberKeys.length, true)
  const head = [Uint8Array.of(VERSION), fields.groupKey, uint64(fields.number), count]
  return signed(b4a.concat([...head, ...fields.memberKeys]), 'revocation', groupKeyPair)
}

/** Throws MEMBERSHIP_INVALID on anything but a revocation with a valid signature. */
export function decodeRevocation(bytes: Uint8Array): RevocationFields {
  const body = verified(bytes, 'revocation', KEYS_AT)
  const count = viewOf(body).getUint32(KEYS_AT - 4, true)
  if (body.byteLength !== KEYS_AT + count * KEY_BYTES) throw invalid('revocation', 'length')
  return {
    groupKey: keyAt(body, 1),
    number: numberAt(body, 1 + KEY_BYTES, 'revocation'),
    memberKeys: Array.from({ length: count }, (_, i) => keyAt(body, KEYS_AT + i * KEY_BYTES))
  }
}

type Kind = keyof typeof SIGNED_AS

function signed(body: Uint8Array, kind: Kind, keyPair: KeyPair): Uint8Array {
  const signature = b4a.alloc(SIGNATURE_BYTES)
  sodium.crypto_sign_detached(signature, b4a.concat([SIGNED_AS[kind], body]), keyPair.secretKey)
  return b4a.concat([body, signature])
}

/** The bytes before the signature, which is checked before anything else is read. */
function verified(bytes: Uint8Array, kind: Kind, minBytes: number): Uint8Array {
  if (bytes.byteLength < minBytes + SIGNATURE_BYTES) throw invalid(kind, 'length')
  if (bytes[0] !== VERSION) throw invalid(kind, 'version')
  const body = bytes.subarray(0, bytes.byteLength - SIGNATURE_BYTES)
  const message = b4a.concat([SIGNED_AS[kind], body])
  const groupKey = body.subarray(1, MEMBER_AT)
  const signature = bytes.subarray(body.byteLength)
  if (!sodium.crypto_sign_verify_detached(signature, message, groupKey)) throw invalid(kind, 'signature')
  return body
}

function uint64(value: number): Uint8Array {
  const bytes = b4a.alloc(NUMBER_BYTES)
  writeUint64(bytes, 0, value)
  return bytes
}

function numberAt(bytes: Uint8Array, offset: number, kind: Kind): number {
  const value = readUint64(bytes, offset)
  if (!Number.isSafeInteger(value)) throw invalid(kind, 'number')
  return value
}

/** A copy, because the caller may change the bytes later. */
function keyAt(body: Uint8Array, offset: number): Uint8Array {
  return copyOf(body.subarray(offset, offset + KEY_BYTES))
}

function invalid(kind: Kind, what: string): SwarmError {
  return new SwarmError('MEMBERSHIP_INVALID', `this is not a ${kind} of a group: wrong ${what}`)
}
