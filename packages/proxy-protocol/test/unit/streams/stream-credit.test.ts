import { expect, test } from 'vitest'
import { turns, until } from '../../../../runtime/test/support/until.js'
import type { PeerStream } from '../../../src/index.js'
import { pattern } from '../../support/helpers.js'
import { openStream as open, readAll } from '../../support/streams.js'

const empty = new Uint8Array(0)

test('the first, the second and the hundredth stall behave alike', async () => {
  const { rig, near, far } = await open({ limits: { streamWindowBytes: 64 * 1024 } })
  const piece = pattern(16 * 1024)
  let written = 0
  let read = 0
  let drains = 0
  near.on('drain', () => drains++)
  far.on('data', (chunk) => {
    read += chunk.byteLength
  })
  const held: number[] = []
  for (let stall = 0; stall < 100; stall++) {
    far.pause()
    const drained = drains
    do written += piece.byteLength
    while (near.write(piece))
    for (let i = 0; i < 12; i++) {
      near.write(piece)
      written += piece.byteLength
    }
    // Credit for the chunk that streamx read ahead is not given back before it is consumed.
    await turns(20)
    held.push(far.unreadBytes + near.bufferedBytes)
    expect(far.unreadBytes).toBeLessThanOrEqual(64 * 1024)
    expect(near.bufferedBytes).toBeGreaterThan(0)
    expect(drains).toBe(drained)
    far.resume()
    await until(() => read === written && drains > drained)
  }
  expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(64 * 1024)
  rig.destroy()
})

test('credit comes back when the reader consumes, not on receipt', async () => {
  const { rig, near, far } = await open({ limits: { streamWindowBytes: 128 * 1024 } })
  for (let i = 0; i < 40; i++) near.write(new Uint8Array(16 * 1024))
  await turns()
  const sent = near.bytesWritten - near.bufferedBytes
  expect(sent).toBe(128 * 1024)
  let got = 0
  while (got < 64 * 1024) {
    got += (far.read() as Uint8Array | null)?.byteLength ?? 0
    await turns(1)
  }
  await until(() => near.bytesWritten - near.bufferedBytes > sent)
  expect(near.bytesWritten - near.bufferedBytes).toBeLessThanOrEqual(128 * 1024 + got)
  rig.destroy()
})

test('a reader that never reads costs one window, even if the data comes in single bytes', async () => {
  const { rig, near, far } = await open({ limits: { streamWindowBytes: 256 * 1024 } })
  let refused = 0
  for (let i = 0; i < 100; i++) if (!near.write(new Uint8Array(64 * 1024))) refused++
  await turns()
  expect(refused).toBe(100)
  expect(far.unreadBytes).toBeLessThanOrEqual(256 * 1024)
  expect(rig.a.stats.unackedBytes).toBeLessThanOrEqual(256 * 1024 + 100)
  expect(rig.b.stats.unreadBytes).toBe(far.unreadBytes)
  rig.destroy()
})

test('one stalled stream never slows the others', async () => {
  const { rig, more } = await open()
  const stalled = await Promise.all([more(), more(), more()].map(async (pair) => (await pair)[0]))
  for (const stream of stalled) for (let i = 0; i < 50; i++) stream.write(new Uint8Array(64 * 1024))
  await turns()
  const [near, far] = await more()
  const bytes = pattern(8 * 1024 * 1024)
  near.end(bytes)
  expect(Buffer.compare(await readAll(far), bytes)).toBe(0)
  rig.destroy()
})

test('streams take turns: none is a chunk ahead of another for long', async () => {
  const { rig, more } = await open({}, { limits: { chunkBytes: 16 * 1024 } })
  const pairs: [PeerStream, PeerStream][] = []
  for (let i = 0; i < 8; i++) pairs.push(await more())
  const counts = pairs.map(() => 0)
  let worst = 0
  pairs.forEach(([near, far], i) => {
    far.on('data', (chunk) => {
      counts[i] = (counts[i] ?? 0) + chunk.byteLength
      worst = Math.max(worst, Math.max(...counts) - Math.min(...counts))
    })
    near.write(new Uint8Array(1024 * 1024))
  })
  await until(() => counts.every((count) => count === 1024 * 1024))
  expect(worst).toBeLessThanOrEqual(2 * 64 * 1024)
  rig.destroy()
})

test('control frames go ahead of data that waits', async () => {
  let unread = -1
  const onRequest = (_op: number, body: Uint8Array): Uint8Array => {
    unread = far.unreadBytes
    return body
  }
  const { rig, near, far } = await open({ onRequest })
  rig.wires.at(-1)?.[1].pause()
  for (let i = 0; i < 100; i++) near.write(new Uint8Array(64 * 1024))
  await turns()
  const sent = near.bytesWritten - near.bufferedBytes
  expect(sent).toBeLessThan(512 * 1024)
  const answer = rig.a.request(1, empty)
  await turns(5)
  rig.wires.at(-1)?.[1].resume()
  await answer
  expect(unread).toBeGreaterThanOrEqual(0)
  expect(unread).toBeLessThanOrEqual(sent)
  rig.destroy()
})
