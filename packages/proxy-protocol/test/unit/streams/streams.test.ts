import { expect, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import type { PeerStream } from '../../../src/index.js'
import { linkOver, Rig } from '../../support/helpers.js'
import { finished, openStream as open } from '../../support/streams.js'

const empty = new Uint8Array(0)

test('meta, ids, sides, counters', async () => {
  const accepted: PeerStream[] = []
  const rig = new Rig({}, { onStream: (stream) => accepted.push(stream) }).connect()
  const near = rig.a.openStream(Buffer.from('who'))
  near.userData = 1
  await until(() => accepted.length === 1)
  const far = accepted[0] as PeerStream
  expect(Buffer.from(far.meta).toString()).toBe('who')
  expect([near.id, far.id, near.isRemote, far.isRemote]).toEqual([1, 1, false, true])
  const read: string[] = []
  far.on('data', (chunk) => read.push(Buffer.from(chunk).toString()))
  near.write('hello')
  near.write(new Uint8Array(0))
  expect(near.bufferedBytes).toBe(5)
  expect(await near.flush()).toBe(true)
  expect([near.bytesWritten, near.bufferedBytes]).toEqual([5, 0])
  await until(() => far.bytesRead === 5)
  expect(read).toEqual(['hello'])
  expect(() => near.write(5 as never)).toThrow(TypeError)
  expect([...rig.a.streams.keys()]).toEqual([1])
  rig.destroy()
})

test('a message on an idle link is sent before the turn ends, which saves a large part of a round trip', async () => {
  const { near, rig } = await open()
  await new Promise((resolve) => setTimeout(resolve, 5))
  const before = rig.a.stats.framesSent
  let sentInTurn = -1
  setImmediate(() => {
    sentInTurn = rig.a.stats.framesSent - before
  })
  near.write(new Uint8Array(100))
  await until(() => sentInTurn >= 0)
  expect(sentInTurn).toBe(1)
  rig.destroy()
})

test('two sides in one process that answer each other do not starve the event loop', async () => {
  // Messages that were sent and answered before the turn ended kept timers and sockets waiting for ever.
  const { far, near, rig } = await open()
  const last = 3000
  let answers = 0
  const answerTo = (stream: PeerStream) => () => {
    const since = performance.now()
    // Enough work that no two messages belong to one burst.
    while (performance.now() - since < 0.1);
    if (++answers < last) stream.write(new Uint8Array(10))
  }
  near.on('data', answerTo(near))
  far.on('data', answerTo(far))
  near.write(new Uint8Array(10))
  await new Promise((resolve) => setTimeout(resolve, 1))
  expect(answers).toBeLessThan(last)
  rig.destroy()
})

test('small writes of one turn become few frames: a little at once, the rest together', async () => {
  const { rig, near } = await open()
  const before = rig.a.stats.framesSent
  for (let i = 0; i < 40; i++) near.write(new Uint8Array(1200))
  await near.flush()
  expect(rig.a.stats.framesSent - before).toBeLessThanOrEqual(3)
  rig.destroy()
})

test('limits on streams: number, rate, meta; refusals do not harm the session', async () => {
  const counted = await open({ limits: { maxStreams: 2 } })
  await counted.more()
  const third = finished(counted.rig.a.openStream(empty))
  expect(await third).toMatchObject({ code: 'LIMIT', remote: true })
  counted.near.destroy()
  await until(() => counted.rig.b.stats.streams === 1)
  await counted.more()
  expect(counted.rig.b.stats.streamsRefused).toBe(1)
  counted.rig.destroy()

  const rated = await open({ limits: { streamsPerSecond: 1 } })
  expect(await finished(rated.rig.a.openStream(empty))).toMatchObject({ code: 'RATE_LIMIT' })
  rated.rig.destroy()

  const described = await open({ limits: { maxMetaBytes: 5 } }, { limits: { maxMetaBytes: 10 } })
  expect(await finished(described.rig.a.openStream(new Uint8Array(6)))).toMatchObject({ code: 'LIMIT', remote: true })
  expect(() => described.rig.a.openStream(new Uint8Array(11))).toThrow(expect.objectContaining({ code: 'LIMIT' }))
  expect(described.rig.b.error).toBe(null)
  described.rig.destroy()
})

test('a side that knows the limit does not hit it', async () => {
  const rig = new Rig({}, { limits: { maxStreams: 1 } }).connect()
  const link = rig.wires.at(-1)
  expect(link).toBeDefined()
  rig.a.openStream(empty)
  const other = new Rig().connect()
  other.a.attach(linkOver(), 0, rig.b.announcedLimits)
  other.a.openStream(empty)
  expect(() => other.a.openStream(empty)).toThrow(expect.objectContaining({ code: 'LIMIT' }))
  rig.destroy()
  other.destroy()
})
