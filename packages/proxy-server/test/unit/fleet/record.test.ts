import { randomBytes } from 'node:crypto'
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { HEAD_BYTES, RecordKey, recordBytes } from '../../../src/fleet/links/record.js'

const KEY = randomBytes(32)

function head(sealedBytes: number, openBytes: number): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES)
  bytes.writeUInt32LE(sealedBytes, 0)
  bytes.writeUInt32LE(openBytes, 4)
  return bytes
}

test('a record says how long it is, and what it has sealed is decrypted in its place', () => {
  const text = randomBytes(30)
  const record = new RecordKey(KEY).seal(text, 500)
  expect(recordBytes(record)).toBe(HEAD_BYTES + 530)
  const data = randomBytes(500)
  const whole = b4a.concat([record, data]) as Buffer
  expect(b4a.indexOf(whole, text)).toBe(-1)
  new RecordKey(KEY).unseal(whole)
  expect(whole.subarray(HEAD_BYTES).equals(b4a.concat([text, data]))).toBe(true)
})

test('a record may have nothing but data', () => {
  const record = new RecordKey(KEY).seal(new Uint8Array(0), 1)
  new RecordKey(KEY).unseal(record)
  expect(recordBytes(record)).toBe(HEAD_BYTES + 1)
})

test('records are read once and in their order', () => {
  const sender = new RecordKey(KEY)
  const [first, second] = [sender.seal(randomBytes(9), 0), sender.seal(randomBytes(9), 0)]
  expect(() => new RecordKey(KEY).unseal(Buffer.from(second))).toThrow()
  const reader = new RecordKey(KEY)
  const again = Buffer.from(first)
  reader.unseal(first)
  expect(() => reader.unseal(again)).toThrow()
})

test.each([
  [0, 0],
  [5 * 2 ** 20, 0],
  [0, 5 * 2 ** 20],
  [3 * 2 ** 20, 3 * 2 ** 20],
  [2 ** 32 - 1, 2 ** 32 - 1]
])('a record of %d sealed bytes and %d others is refused', (sealedBytes, openBytes) => {
  expect(() => recordBytes(head(sealedBytes, openBytes))).toThrow(`a record of ${sealedBytes} and ${openBytes} bytes`)
})
