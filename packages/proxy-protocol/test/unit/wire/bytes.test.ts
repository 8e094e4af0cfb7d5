import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../../src/wire/bytes.js'

// A byte written just when the buffer had to grow went into the old buffer. Arbitrary memory was sent instead, and a
// list of many peers could not be read.
test('no written byte is lost when the buffer grows', () => {
  for (let before = 0; before < 300; before++) {
    const writer = new ByteWriter().raw(new Uint8Array(before).fill(7))
    writer
      .u8(201)
      .u16(0xabcd)
      .u32(0x01020304)
      .u53(2 ** 52 + 5)
      .u8(99)
    const reader = new ByteReader(writer.finish(), 'test')
    expect(reader.raw(before).every((byte) => byte === 7)).toBe(true)
    expect([reader.u8(), reader.u16(), reader.u32(), reader.u53(), reader.u8()]).toEqual([
      201,
      0xabcd,
      0x01020304,
      2 ** 52 + 5,
      99
    ])
    reader.end()
  }
})
