import { createPublicKey, verify } from 'node:crypto'
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { fc } from '../../../../runtime/test/support/properties.js'
import { createGroup, type Group } from '../../../src/groups/group.js'
import { Membership } from '../../../src/groups/membership.js'
import { Revocations } from '../../../src/groups/revocations.js'
import {
  decodeMembership,
  decodeRevocation,
  MAX_LABEL_BYTES,
  withMember,
  withoutMember
} from '../../../src/groups/statement.js'
import { createKeyPair } from '../../../src/util/keys.js'
import { fromZBase32, toZBase32 } from '../../../src/util/zbase32.js'
import { bytes32 } from '../../support/fake-swarm.js'

const group = createGroup({ seed: bytes32(1) })
const member = createKeyPair(bytes32(2))
const INVALID = expect.objectContaining({ name: 'SwarmError', code: 'MEMBERSHIP_INVALID' })
const labels = fc.string({ unit: 'binary', maxLength: MAX_LABEL_BYTES / 4 })
const times = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }))
const keys = fc.uint8Array({ minLength: 32, maxLength: 32 })

/** The key in the form of Node's own crypto. */
function nodeKey(publicKey: Uint8Array) {
  const der = b4a.concat([b4a.from('302a300506032b6570032100', 'hex'), publicKey])
  return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const at = (bit >>> 3) % copy.byteLength
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7))
  return copy
}

/** Whether anything reads the bytes as a statement signed by a group. */
function isAccepted(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): boolean {
  try {
    read(bytes)
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'MEMBERSHIP_INVALID' })
    return false
  }
}

test('a membership contains what the group stated, as bytes and as text', () => {
  fc.assert(
    fc.property(keys, labels, times, (publicKey, label, expiresAt) => {
      const invited = group.invite(publicKey, { label, expiresAt })
      for (const read of [Membership.from(invited.bytes), Membership.from(`  ${invited}\n`)]) {
        expect(b4a.equals(read.groupKey, group.publicKey)).toBe(true)
        expect(b4a.equals(read.memberKey, publicKey)).toBe(true)
        expect([read.label, read.expiresAt]).toEqual([label, expiresAt])
      }
    }),
    { numRuns: 50 }
  )
})

test('the layout is as documented', () => {
  const { bytes } = group.invite(member.publicKey, { expiresAt: 0x0102030405, label: 'anna' })
  const hex = b4a.toString(bytes, 'hex')
  const keysInHex = b4a.toString(b4a.concat([group.publicKey, member.publicKey]), 'hex')
  expect(hex.slice(0, -128)).toBe(`01${keysInHex}0504030201000000${'04'}${b4a.toString(b4a.from('anna'), 'hex')}`)
  // Checked with another implementation of Ed25519: the signature is over a label and all bytes before it.
  const signed = b4a.concat([b4a.from('swarmway group membership'), bytes.subarray(0, -64)])
  expect(verify(null, signed, nodeKey(group.publicKey), bytes.subarray(-64))).toBe(true)
})

test('any flipped bit of a membership makes it invalid', () => {
  const bytes = [group.invite(member.publicKey), group.invite(member.publicKey, { label: 'x', expiresAt: 5 })]
  for (const statement of bytes.map((membership) => membership.bytes)) {
    for (let bit = 0; bit < statement.byteLength * 8; bit++) {
      expect(isAccepted(decodeMembership, flipped(statement, bit)), `bit ${bit}`).toBe(false)
    }
  }
})

test('any flipped bit of a statement in a handshake makes it invalid, no matter which peer sends it', () => {
  fc.assert(
    fc.property(labels, times, fc.nat(), (label, expiresAt, bit) => {
      const statement = withoutMember(group.invite(member.publicKey, { label, expiresAt }).bytes)
      const received = withMember(flipped(statement, bit % (statement.byteLength * 8)), member.publicKey)
      expect(isAccepted(decodeMembership, received)).toBe(false)
    })
  )
})

test('a statement without its member key is valid only for that key', () => {
  const statement = withoutMember(group.invite(member.publicKey).bytes)
  expect(isAccepted(decodeMembership, withMember(statement, member.publicKey))).toBe(true)
  expect(isAccepted(decodeMembership, withMember(statement, createKeyPair().publicKey))).toBe(false)
})

test('a truncated or extended statement is invalid', () => {
  const { bytes } = group.invite(member.publicKey, { label: 'a label' })
  const list = group.revoke([member.publicKey], 1)
  for (const [read, whole] of [
    [decodeMembership, bytes],
    [decodeRevocation, list]
  ] as const) {
    for (let length = 0; length < whole.byteLength; length++) {
      expect(isAccepted(read, whole.subarray(0, length))).toBe(false)
    }
    expect(isAccepted(read, b4a.concat([whole, b4a.alloc(1)]))).toBe(false)
    expect(isAccepted(read, b4a.concat([whole, b4a.alloc(32)]))).toBe(false)
  }
})

test('random bytes are not a statement and throw only MEMBERSHIP_INVALID', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const versioned = b4a.concat([Uint8Array.of(1), bytes])
      for (const read of [decodeMembership, decodeRevocation]) {
        expect([isAccepted(read, bytes), isAccepted(read, versioned)]).toEqual([false, false])
      }
    })
  )
})

test('a list of revocations is not a membership, and vice versa', () => {
  const { bytes } = group.invite(member.publicKey)
  expect(isAccepted(decodeRevocation, bytes)).toBe(false)
  expect(isAccepted(decodeMembership, group.revoke([], 1))).toBe(false)
})

test('any flipped bit of a list makes it invalid', () => {
  const list = group.revoke([member.publicKey, bytes32(9)], 7)
  for (let bit = 0; bit < list.byteLength * 8; bit++) {
    expect(isAccepted(decodeRevocation, flipped(list, bit)), `bit ${bit}`).toBe(false)
  }
})

test("the list with the greatest number counts, whatever the order of a group's lists", () => {
  const revocations = new Revocations()
  const other = createGroup()
  const has = (of: Group) => revocations.has(of.publicKey, member.publicKey)
  expect(revocations.add(group.revoke([member.publicKey], 2))?.number).toBe(2)
  expect(revocations.add(group.revoke([], 1))).toBeNull()
  expect(revocations.add(group.revoke([], 2))).toBeNull()
  expect([has(group), has(other)]).toEqual([true, false])
  expect(revocations.add(group.revoke([], 3))).not.toBeNull()
  expect(has(group)).toBe(false)
})

test('a membership ends at its expiry time', () => {
  const membership = group.invite(member.publicKey, { expiresAt: new Date(5000) })
  expect([membership.isExpired(4999), membership.isExpired(5000), membership.isExpired()]).toEqual([false, true, true])
  expect(group.invite(member.publicKey).isExpired(Number.MAX_SAFE_INTEGER)).toBe(false)
})

test('a group is made from a seed, from a key pair, or at random', () => {
  expect(createGroup({ seed: bytes32(1) }).publicKey).toEqual(group.publicKey)
  expect(createGroup({ keyPair: member }).publicKey).toBe(member.publicKey)
  expect(createGroup().publicKey).not.toEqual(createGroup().publicKey)
})

test('a membership does not change with the bytes that it was read from', () => {
  const bytes = Uint8Array.from(group.invite(member.publicKey).bytes)
  const membership = Membership.from(bytes)
  bytes.fill(0)
  expect(Membership.from(membership.bytes).memberKey).toEqual(b4a.from(member.publicKey))
})

const { publicKey } = member
test.each<[string, () => unknown]>([
  ['publicKey', () => group.invite(bytes32(1).subarray(1))],
  ['label', () => group.invite(publicKey, { label: 'x'.repeat(MAX_LABEL_BYTES + 1) })],
  ['label', () => group.invite(publicKey, { label: 'ö'.repeat(MAX_LABEL_BYTES / 2 + 1) })],
  ['label', () => group.invite(publicKey, { label: 1 as unknown as string })],
  ['expiresAt', () => group.invite(publicKey, { expiresAt: 0 })],
  ['expiresAt', () => group.invite(publicKey, { expiresAt: 1.5 })],
  ['expiresAt', () => group.invite(publicKey, { expiresAt: new Date('never') })],
  ['expiresAt', () => group.invite(publicKey, { expiresAt: '2030' as unknown as number })],
  ['publicKeys', () => group.revoke(publicKey as unknown as Uint8Array[], 1)],
  ['publicKey', () => group.revoke([bytes32(1).subarray(1)], 1)],
  ['number', () => group.revoke([], -1)],
  ['number', () => group.revoke([], 0.5)],
  ['seed', () => createGroup({ seed: bytes32(1).subarray(1) })],
  ['keyPair', () => createGroup({ keyPair: { publicKey, secretKey: createKeyPair().secretKey } })],
  ['keyPair', () => createGroup({ keyPair: { publicKey, secretKey: publicKey } })],
  ['keyPair', () => createGroup({ keyPair: null as unknown as undefined })],
  ['statement', () => Membership.from(1 as unknown as string)]
])('a bad %s is a TypeError that names it', (name, call) => {
  expect(call).toThrowError(
    expect.objectContaining({ name: 'TypeError', code: 'INVALID_ARGUMENT', message: expect.stringContaining(name) })
  )
})

test.each(['', 'not z-base-32!', 'ybndrfg8', 'l'.repeat(300), '0'.repeat(270)])(
  'the text %j is not a membership',
  (text) => {
    expect(() => Membership.from(text)).toThrowError(INVALID)
  }
)

test('z-base-32 follows the specification, and every text has one reading', () => {
  // From human-oriented-base-32, section 5.3: the byte strings whose length is a whole number of bytes.
  expect(toZBase32(Uint8Array.of(0xf0, 0xbf, 0xc7))).toBe('6n9hq')
  expect(toZBase32(Uint8Array.of(0xd4, 0x7a, 0x04))).toBe('4t7ye')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect([...(fromZBase32(toZBase32(bytes)) ?? [])]).toEqual([...bytes])
    })
  )
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'ybndrfg8ejkmcpqxot1uwisza345h769l0v2 Y'), maxLength: 20 }),
      (text) => {
        const bytes = fromZBase32(text)
        if (bytes !== null) expect(toZBase32(bytes)).toBe(text)
      }
    )
  )
})
