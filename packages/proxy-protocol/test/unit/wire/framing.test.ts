import { expect, test } from 'vitest'
import { fc } from '../../../../runtime/test/support/properties.js'
import { encodeFrame, FrameDecoder, type ProxyError } from '../../../src/index.js'

type Frame = { type: number; body: Uint8Array }

const frameArb = fc.record({ type: fc.integer({ min: 0, max: 255 }), body: fc.uint8Array({ maxLength: 300 }) })

function decodeAll(chunks: Uint8Array[], limit = 1000): Frame[] {
  const frames: Frame[] = []
  const decoder = new FrameDecoder(limit, (type, body) => frames.push({ type, body: new Uint8Array(body) }))
  for (const chunk of chunks) decoder.push(chunk)
  return frames
}

function codeOf(action: () => void): string {
  try {
    action()
  } catch (error) {
    return (error as ProxyError).code
  }
  return 'none'
}

test('any chunking gives the same frames', () => {
  fc.assert(
    fc.property(fc.array(frameArb, { maxLength: 12 }), fc.array(fc.nat({ max: 40 })), (frames, cuts) => {
      const wire = Buffer.concat(frames.map(({ type, body }) => encodeFrame(type, body)))
      const chunks: Uint8Array[] = []
      let offset = 0
      for (const cut of cuts) {
        chunks.push(wire.subarray(offset, offset + cut))
        offset = Math.min(wire.byteLength, offset + cut)
      }
      chunks.push(wire.subarray(offset))
      expect(decodeAll(chunks)).toEqual(frames.map(({ type, body }) => ({ type, body: new Uint8Array(body) })))
    })
  )
})

test('one byte at a time', () => {
  const frames = [new Uint8Array(0), new Uint8Array(1), new Uint8Array(700).fill(7)]
  const wire = Buffer.concat(frames.map((body, type) => encodeFrame(type, body)))
  const chunks = [...wire].map((byte) => Uint8Array.of(byte))
  expect(decodeAll(chunks).map((frame) => frame.body.byteLength)).toEqual([0, 1, 700])
})

test('a frame within one chunk is not copied', () => {
  const chunk = Buffer.concat([encodeFrame(1, Uint8Array.of(1, 2, 3)), encodeFrame(2, Uint8Array.of(4))])
  const bodies: Uint8Array[] = []
  new FrameDecoder(100, (_type, body) => bodies.push(body)).push(chunk)
  expect(bodies.every((body) => body.buffer === chunk.buffer)).toBe(true)
})

test('a length of zero or beyond the limit is refused on the header', () => {
  const limit = new FrameDecoder(100, () => {})
  expect(codeOf(() => limit.push(Uint8Array.of(101, 0, 0, 0)))).toBe('FRAME_TOO_LARGE')
  expect(codeOf(() => new FrameDecoder(100, () => {}).push(Uint8Array.of(0, 0, 0, 0, 1)))).toBe('FRAME_TOO_LARGE')
  expect(codeOf(() => new FrameDecoder(100, () => {}).push(Uint8Array.of(100, 0, 0, 0)))).toBe('none')
})

test('a false length costs no more memory than the bytes received', () => {
  const decoder = new FrameDecoder(64 * 1024 * 1024, () => {})
  decoder.push(Uint8Array.of(0, 0, 0, 4, 9, 1, 2, 3))
  expect(decoder.bufferedBytes).toBeLessThan(100_000)
})

test('no frame is passed on after stopping in the middle of a chunk', () => {
  let seen = 0
  const decoder = new FrameDecoder(100, () => {
    seen++
    decoder.stop()
  })
  decoder.push(Buffer.concat([encodeFrame(1, new Uint8Array(1)), encodeFrame(1, new Uint8Array(1))]))
  expect(seen).toBe(1)
})
