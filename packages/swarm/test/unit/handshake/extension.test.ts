import b4a from 'b4a'
import { expect, test } from 'vitest'
import { fc } from '../../../../runtime/test/support/properties.js'
import { MAX_LABEL_BYTES } from '../../../src/groups/statement.js'
import {
  appendHello,
  type Hello,
  MAX_BLOCK_BYTES,
  MAX_PROOFS,
  MAX_STATEMENTS,
  PROOF_BYTES,
  REFUSAL,
  readHello
} from '../../../src/handshake/extension.js'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const hellos: fc.Arbitrary<Hello> = fc.record({
  incarnation: bytes(8),
  epoch: fc.nat(0xffffffff),
  proofs: fc.array(bytes(PROOF_BYTES), { maxLength: MAX_PROOFS }),
  refusal: fc.constantFrom(null, REFUSAL.duplicate, REFUSAL.full, REFUSAL.notAMember),
  statements: fc.array(fc.uint8Array({ minLength: 1, maxLength: 106 + MAX_LABEL_BYTES }), { maxLength: MAX_STATEMENTS })
})
const payloads = fc.uint8Array({ maxLength: 300 })

/** With plain arrays instead of bytes, so that Buffer and Uint8Array compare equal. */
function plain(hello: Hello | null) {
  if (hello === null) return null
  const list = (all: Uint8Array[]) => all.map((bytes) => [...bytes])
  const { incarnation, proofs, statements } = hello
  return { ...hello, incarnation: [...incarnation], proofs: list(proofs), statements: list(statements) }
}

/** What `readHello` threw, unless it was HANDSHAKE_MALFORMED. */
function readSafely(payload: Uint8Array): Hello | null {
  try {
    return readHello(payload)
  } catch (error) {
    expect(error).toMatchObject({ name: 'SwarmError', code: 'HANDSHAKE_MALFORMED' })
    return null
  }
}

test('a written block is read back, after any payload', () => {
  fc.assert(
    fc.property(payloads, hellos, (payload, hello) => {
      const extended = appendHello(payload, hello)
      expect(plain(readHello(extended))).toEqual(plain(hello))
      expect([...extended.subarray(0, payload.byteLength)]).toEqual([...payload])
    })
  )
})

test('the layout is as documented', () => {
  const hello = {
    incarnation: b4a.from('0102030405060708', 'hex'),
    epoch: 0x11223344,
    proofs: [],
    refusal: 2 as const,
    statements: []
  }
  const vector = ['ff', '01', '0c00', '0102030405060708', '44332211', '03', '0100', '02', '1300', '737761726d777901']
  expect(b4a.toString(appendHello(Uint8Array.of(0xff), hello), 'hex')).toBe(vector.join(''))
})

test('the largest block is within its limit and leaves room for the payload in one UDP packet', () => {
  const proofs = Array.from({ length: MAX_PROOFS + 5 }, () => new Uint8Array(PROOF_BYTES))
  const statements = Array.from({ length: MAX_STATEMENTS + 2 }, () => new Uint8Array(106 + MAX_LABEL_BYTES))
  const hello: Hello = {
    incarnation: new Uint8Array(8),
    epoch: 1,
    proofs,
    refusal: REFUSAL.full,
    statements,
    hasPaths: true
  }
  const block = appendHello(new Uint8Array(0), hello)
  expect(block.byteLength).toBeLessThanOrEqual(MAX_BLOCK_BYTES)
  expect(readHello(block)?.proofs).toHaveLength(MAX_PROOFS)
  expect(readHello(block)?.statements).toHaveLength(MAX_STATEMENTS)
  expect(readHello(block)?.hasPaths).toBe(true)
})

test('paths of a later version are paths, because it speaks ours too, and none of version 0', () => {
  const hello = { incarnation: new Uint8Array(8), epoch: 7, proofs: [], refusal: null, statements: [] }
  const block = appendHello(new Uint8Array(0), { ...hello, hasPaths: true })
  const versionOffset = block.byteLength - 11
  expect(block[versionOffset]).toBe(1)
  block[versionOffset] = 9
  expect(readHello(block)?.hasPaths).toBe(true)
  block[versionOffset] = 0
  expect(readHello(block)?.hasPaths).toBe(false)
})

test('no block is found in a payload without one, whatever its bytes', () => {
  fc.assert(
    fc.property(payloads, (payload) => {
      expect(readHello(payload)).toBeNull()
    })
  )
})

test('a truncated block throws HANDSHAKE_MALFORMED or is not found', () => {
  fc.assert(
    fc.property(payloads, hellos, fc.nat(), (payload, hello, cut) => {
      const extended = appendHello(payload, hello)
      readSafely(extended.subarray(0, cut % extended.byteLength))
      readSafely(extended.subarray(cut % extended.byteLength))
    })
  )
})

test('flipped bits throw HANDSHAKE_MALFORMED, or the result is within its limits', () => {
  fc.assert(
    fc.property(payloads, hellos, fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), (payload, hello, flips) => {
      const extended = b4a.from(appendHello(payload, hello))
      for (const flip of flips) {
        const at = (flip >>> 3) % extended.byteLength
        extended[at] = (extended[at] ?? 0) ^ (1 << (flip & 7))
      }
      const read = readSafely(extended)
      if (read === null) return
      expect(read.incarnation).toHaveLength(8)
      expect(read.proofs.length).toBeLessThanOrEqual(MAX_PROOFS)
      for (const proof of read.proofs) expect(proof).toHaveLength(PROOF_BYTES)
    }),
    { numRuns: 500 }
  )
})

test('random bytes before the trailer throw only HANDSHAKE_MALFORMED', () => {
  const magic = b4a.from('swarmwy\u0001')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(300), (fields, length) => {
      const trailer = b4a.from([length & 0xff, length >>> 8])
      readSafely(b4a.concat([fields, trailer, magic]))
    }),
    { numRuns: 500 }
  )
})

test('fields with an unknown tag are skipped, so that later versions can add some', () => {
  const block = appendHello(new Uint8Array(0), {
    incarnation: new Uint8Array(8),
    epoch: 7,
    proofs: [],
    refusal: null,
    statements: []
  })
  const fields = b4a.concat([b4a.from('c80300aabbcc', 'hex'), block.subarray(0, -10)])
  const later = b4a.concat([fields, b4a.from([fields.byteLength, 0]), block.subarray(-8)])
  expect(readHello(later)?.epoch).toBe(7)
})

test('a wrong length is malformed', () => {
  const block = b4a.from(
    appendHello(new Uint8Array(0), {
      incarnation: new Uint8Array(8),
      epoch: 7,
      proofs: [],
      refusal: null,
      statements: []
    })
  )
  block[block.byteLength - 9] = 0xff
  expect(() => readHello(block)).toThrowError(expect.objectContaining({ code: 'HANDSHAKE_MALFORMED' }))
})

test('a field that is longer than the block is malformed, even one with an unknown tag', () => {
  const block = appendHello(new Uint8Array(0), {
    incarnation: new Uint8Array(8),
    epoch: 7,
    proofs: [],
    refusal: null,
    statements: []
  })
  const fields = b4a.concat([block.subarray(0, -10), b4a.from('c80900aabbcc', 'hex')])
  const lying = b4a.concat([fields, b4a.from([fields.byteLength, 0]), block.subarray(-8)])
  expect(() => readHello(lying)).toThrowError(expect.objectContaining({ code: 'HANDSHAKE_MALFORMED' }))
})
