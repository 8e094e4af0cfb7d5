/** The curve of a browser's handshakes produces the same bytes as libsodium, and refuses the same keys. */
import b4a from 'b4a'
import NoiseState from 'noise-handshake'
import sodium from 'sodium-universal'
import { expect, test } from 'vitest'
import browserCurve from '../../../src/handshake/curve/browser.js'
import nodeCurve from '../../../src/handshake/curve/node.js'
import { createKeyPair } from '../../../src/util/keys.js'

type Curve = typeof browserCurve
const native = nodeCurve as Curve

test('derives the same secret from a pair of keys', () => {
  for (let i = 0; i < 20; i++) {
    const [near, far] = [createKeyPair(), browserCurve.generateKeyPair()]
    const secret = hex(native.dh(far.publicKey, near))
    expect(hex(browserCurve.dh(far.publicKey, near))).toBe(secret)
    expect(hex(browserCurve.dh(near.publicKey, far))).toBe(secret)
  }
})

test('accepts a scalar instead of a secret key', () => {
  const [near, far] = [createKeyPair(), createKeyPair()]
  const scalar = b4a.alloc(64)
  sodium.crypto_hash_sha512(scalar, near.secretKey.subarray(0, 32))
  // Any number works, clamped or not, below the order of the group or not.
  for (const top of [0x01, 0x4f, 0x7f]) {
    scalar[31] = top
    const keyPair = { ...near, scalar: scalar.subarray(0, 32) }
    expect(hex(browserCurve.dh(far.publicKey, keyPair))).toBe(hex(native.dh(far.publicKey, keyPair)))
  }
})

test.each([
  ['the neutral element', `01${'00'.repeat(31)}`],
  ['a point of order 2', `ec${'ff'.repeat(30)}7f`],
  ['a point of order 4', '00'.repeat(32)],
  ['a point of order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
  ['a number that is too large', `ee${'ff'.repeat(30)}7f`],
  ['not a point of the curve', `02${'00'.repeat(31)}`],
  ['a point outside the group of prime order', outsider()]
])('refuses %s', (_what, publicKey) => {
  for (const curve of [browserCurve, native]) {
    expect(() => curve.dh(b4a.from(publicKey, 'hex'), createKeyPair())).toThrowError()
  }
})

test.each([
  ['browser', 'node', browserCurve, native],
  ['node', 'browser', native, browserCurve]
])('a handshake from %s to %s', (_from, _to, near, far) => {
  const [prologue, server] = [b4a.from('test'), createKeyPair()]
  const [initiator, responder] = [
    new NoiseState('IK', true, createKeyPair(), { curve: near }),
    new NoiseState('IK', false, server, { curve: far })
  ]
  initiator.initialise(prologue, server.publicKey)
  responder.initialise(prologue, null)
  expect(b4a.toString(responder.recv(initiator.send(b4a.from('hello'))))).toBe('hello')
  expect(b4a.toString(initiator.recv(responder.send(b4a.from('welcome'))))).toBe('welcome')
  expect([hex(initiator.tx), hex(initiator.rx)]).toEqual([hex(responder.rx), hex(responder.tx)])
  expect(hex(initiator.hash)).toBe(hex(responder.hash))
})

/** The sum of a point of the group and one of order 2: (x, y) becomes (-x, -y). */
function outsider(): string {
  const prime = 2n ** 255n - 19n
  const bytes = b4a.from(createKeyPair(b4a.alloc(32, 1)).publicKey).reverse()
  const encoded = BigInt(`0x${b4a.toString(bytes, 'hex')}`)
  const [sign, y] = [encoded >> 255n, encoded & (2n ** 255n - 1n)]
  const opposite = (prime - y) | ((1n - sign) << 255n)
  return b4a.toString(b4a.from(opposite.toString(16).padStart(64, '0'), 'hex').reverse(), 'hex')
}

function hex(bytes: Uint8Array): string {
  return b4a.toString(bytes, 'hex')
}
