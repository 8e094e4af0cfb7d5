import { expect, test } from 'vitest'
import { randomFrom } from '../../../runtime/test/support/random.js'
import { turns, until } from '../../../runtime/test/support/until.js'
import type { PeerStream } from '../../src/index.js'
import { pattern, Rig } from '../support/helpers.js'

const SIZE = 6 * 1024 * 1024

/** Writes in pieces of many sizes, honouring back-pressure, then ends. */
function send(stream: PeerStream, bytes: Uint8Array, seed: number): void {
  const below = randomFrom(seed)
  let offset = 0
  let done = false
  const more = (): void => {
    while (offset < bytes.byteLength) {
      const size = 1 + below(below(4) === 0 ? 100_000 : 2000)
      const piece = bytes.subarray(offset, offset + size)
      offset += piece.byteLength
      if (!stream.write(piece)) return
    }
    done = true
    stream.end()
  }
  stream.on('drain', () => {
    if (!done) more()
  })
  more()
}

function collect(stream: PeerStream): { bytes: () => Uint8Array; ended: () => boolean } {
  const chunks: Uint8Array[] = []
  let ended = false
  stream.on('data', (chunk) => chunks.push(chunk))
  stream.on('end', () => {
    ended = true
  })
  return { bytes: () => Buffer.concat(chunks), ended: () => ended }
}

test.each([1, 2, 3, 4])(
  'links cut at random: both directions exact, requests answered once (seed %i)',
  async (seed) => {
    const below = randomFrom(seed)
    const there = pattern(SIZE, seed)
    const back = pattern(SIZE, seed + 100)
    const atB: ReturnType<typeof collect>[] = []
    const notes: number[] = []
    const asked: number[] = []
    const delay = () => below(3)
    const chunks = (chunk: Uint8Array): Uint8Array[] => {
      const at = below(chunk.byteLength)
      return [chunk.subarray(0, at), chunk.subarray(at)].filter((part) => part.byteLength > 0)
    }
    const limits = { streamWindowBytes: 128 * 1024, maxUnackedBytes: 256 * 1024, chunkBytes: 16 * 1024 }
    const rig = new Rig(
      { limits },
      {
        limits,
        onRequest: (op, body) => {
          asked.push(op)
          return body
        },
        onNotify: (op) => notes.push(op),
        onStream: (stream) => {
          atB.push(collect(stream))
          send(stream, back, seed + 7)
        }
      }
    ).connect({ delay, chunks })
    const stream = rig.a.openStream(new Uint8Array(1))
    const atA = collect(stream)
    send(stream, there, seed)
    const answers: Promise<Uint8Array>[] = []
    let cuts = 0
    while (!atA.ended() || !atB[0]?.ended()) {
      await turns(1 + below(12))
      if (answers.length < 200) {
        answers.push(rig.a.request(answers.length, Uint8Array.of(answers.length)))
        rig.a.notify(answers.length, new Uint8Array(below(500)))
      }
      if (cuts >= 60 || below(3) === 0) continue
      cuts++
      rig.cut()
      await turns(below(3))
      rig.connect({ delay, chunks })
    }
    const results = await Promise.all(answers)
    await until(() => notes.length === answers.length)
    expect(cuts).toBeGreaterThanOrEqual(20)
    expect(Buffer.compare(atB[0]?.bytes() as Uint8Array, there)).toBe(0)
    expect(Buffer.compare(atA.bytes(), back)).toBe(0)
    expect(results.map((body) => body[0])).toEqual(results.map((_, i) => i & 255))
    expect(asked).toEqual(results.map((_, i) => i))
    expect(notes).toEqual(results.map((_, i) => i + 1))
    expect(rig.a.stats.framesResent + rig.b.stats.framesResent).toBeGreaterThan(0)
    expect([rig.a.stats.streams, rig.b.stats.streams]).toEqual([0, 0])
    rig.destroy()
  }
)

test('a small unacknowledged window is never exceeded, and survives cuts', async () => {
  const limits = { maxUnackedBytes: 128 * 1024, ackBytes: 32 * 1024 }
  const received: Uint8Array[] = []
  const rig = new Rig(
    { limits },
    { limits, onStream: (stream) => stream.on('data', (chunk) => received.push(chunk)) }
  ).connect()
  const bytes = pattern(2 * 1024 * 1024)
  const stream = rig.a.openStream(new Uint8Array(0))
  send(stream, bytes, 5)
  let worst = 0
  let round = 0
  while (received.reduce((sum, chunk) => sum + chunk.byteLength, 0) < bytes.byteLength) {
    await turns(1)
    worst = Math.max(worst, rig.a.stats.unackedBytes)
    if (++round % 40 === 0) {
      rig.cut()
      rig.connect({ delay: () => 1 })
    }
  }
  expect(worst).toBeLessThanOrEqual(128 * 1024 + 64 * 1024 + 9)
  expect(Buffer.compare(Buffer.concat(received), bytes)).toBe(0)
  rig.destroy()
})

test('without acknowledgements no more than the window is sent', async () => {
  const rig = new Rig(
    { limits: { maxUnackedBytes: 128 * 1024 } },
    { limits: { ackBytes: 0xffffffff, ackDelayMs: 0x7fffffff }, onStream: () => {} }
  )
  rig.connect()
  const stream = rig.a.openStream(new Uint8Array(0))
  for (let i = 0; i < 20; i++) stream.write(new Uint8Array(60_000))
  // The accepting side grants the rest of its window, so only the unacknowledged bytes can hold this back.
  await until(() => rig.a.stats.unackedBytes >= 128 * 1024)
  await turns()
  expect(rig.a.stats.unackedBytes).toBeLessThanOrEqual(128 * 1024 + 64 * 1024)
  rig.destroy()
})
