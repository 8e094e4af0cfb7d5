import { expect, test } from 'vitest'
import { decodeHeader, encodeHeader, headerBytes, MAX_PARTS } from '../../../src/fleet/links/record.js'

test('a header has the lengths of its parts', () => {
  const parts = [
    { sealedBytes: 9, openBytes: 65_536 },
    { sealedBytes: 4_000_000, openBytes: 0 }
  ]
  const header = encodeHeader(parts)
  expect(headerBytes(header)).toBe(header.byteLength)
  expect(decodeHeader(header)).toEqual({ parts, sealedBytes: 4_000_009 })
})

test('a header without bytes, or with too many in all its parts together, is refused', () => {
  const half = 3 * 2 ** 20
  for (const parts of [
    [],
    [{ sealedBytes: 0, openBytes: 0 }],
    Array.from({ length: MAX_PARTS }, () => ({ sealedBytes: 0, openBytes: 0 })),
    Array.from({ length: 2 }, () => ({ sealedBytes: half, openBytes: 0 })),
    Array.from({ length: 2 }, () => ({ sealedBytes: 0, openBytes: half }))
  ])
    expect(() => decodeHeader(encodeHeader(parts))).toThrow(/a record of/)
})
