import b4a from 'b4a'
import { expect, test } from 'vitest'
import { assertPublicKey, createKeyPair, isBytes, ownCopy, publicKeyHex } from '../../../src/util/keys.js'
import { bytes32, createFakeNetwork } from '../../support/fake-swarm.js'

const BAD_KEYS: unknown[] = [undefined, null, 'a'.repeat(64), 32, {}, new Uint8Array(31), new Uint8Array(64)]

test('a key pair from a seed is always the same, as Ed25519 specifies', () => {
  const { publicKey, secretKey } = createKeyPair(bytes32(0))
  // RFC 8032's key generation for a seed of zeros, which every implementation agrees on.
  const vector = '3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29'
  expect(b4a.toString(publicKey, 'hex')).toBe(vector)
  expect(secretKey).toHaveLength(64)
  expect(createKeyPair(bytes32(0)).publicKey).toEqual(publicKey)
})

test('key pairs without a seed are random', () => {
  expect(createKeyPair().publicKey).not.toEqual(createKeyPair().publicKey)
})

test('a seed that is not 32 bytes is refused', () => {
  expect(() => createKeyPair(new Uint8Array(16))).toThrowError(
    expect.objectContaining({ name: 'TypeError', code: 'INVALID_ARGUMENT', message: expect.stringContaining('seed') })
  )
})

test.each(BAD_KEYS)('a public key that is not 32 bytes is a TypeError that names it: %s', (key) => {
  expect(() => assertPublicKey(key)).toThrowError(
    expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('publicKey') })
  )
})

test.each(BAD_KEYS)('every call that takes a key refuses %s and does nothing', async (bad) => {
  const { createSwarm } = createFakeNetwork()
  const swarm = createSwarm()
  const key = bad as Uint8Array
  const refusal = expect.objectContaining({ name: 'TypeError', code: 'INVALID_ARGUMENT' })
  expect(() => swarm.joinPeer(key)).toThrowError(refusal)
  expect(() => swarm.leavePeer(key)).toThrowError(refusal)
  await expect(swarm.connect(key)).rejects.toThrowError(refusal)
  await expect(swarm.disconnect(key)).rejects.toThrowError(refusal)
  expect(swarm.peers.size).toBe(0)
  expect(swarm.node.dials).toEqual([])
})

test('publicKeyHex is lower-case hex', () => {
  expect(publicKeyHex(bytes32(0xab))).toBe('ab'.repeat(32))
})

test('isBytes requires bytes of exactly that length', () => {
  expect(isBytes(new Uint8Array(3), 3)).toBe(true)
  expect(isBytes(new Uint8Array(3), 4)).toBe(false)
  expect(isBytes([1, 2, 3], 3)).toBe(false)
})

test('ownCopy does not keep a larger buffer alive', () => {
  const slice = new Uint8Array(1000).subarray(10, 42)
  expect(b4a.equals(ownCopy(slice), slice)).toBe(true)
  expect(ownCopy(slice).buffer.byteLength).toBe(32)
  const whole = new Uint8Array(32)
  expect(ownCopy(whole)).toBe(whole)
})
