import { expect, test } from 'vitest'
import { randomFrom } from '../../../../runtime/test/support/random.js'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { type PeerStream, ProxyError, type SessionOptions } from '../../../src/index.js'
import { linkOver, pattern, Rig } from '../../support/helpers.js'

const empty = new Uint8Array(0)

async function open(
  b: Partial<SessionOptions> = {},
  a: Partial<SessionOptions> = {}
): Promise<{ rig: Rig; near: PeerStream; far: PeerStream; more: () => Promise<[PeerStream, PeerStream]> }> {
  const accepted: PeerStream[] = []
  const rig = new Rig(a, { ...b, onStream: (stream) => accepted.push(stream) }).connect()
  const more = async (): Promise<[PeerStream, PeerStream]> => {
    const stream = rig.a.openStream(empty)
    const count = accepted.length
    await until(() => accepted.length > count)
    return [stream, accepted.at(-1) as PeerStream]
  }
  const [near, far] = await more()
  return { rig, near, far, more }
}

function readAll(stream: PeerStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  return new Promise((resolve) => {
    stream.on('data', (chunk) => chunks.push(chunk))
    stream.on('end', () => resolve(Buffer.concat(chunks)))
  })
}

const finished = (stream: PeerStream): Promise<Error | null> =>
  new Promise((resolve) => {
    let failure: Error | null = null
    stream.on('error', (error) => {
      failure = error
    })
    stream.on('close', () => resolve(failure))
  })

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

test('half-close: one side ends, the other continues; then both close without an error', async () => {
  const { rig, near, far } = await open()
  const ends = Promise.all([finished(near), finished(far)])
  let ended = false
  far.on('data', () => {})
  far.on('end', () => {
    ended = true
  })
  near.end('last')
  await until(() => ended)
  const heard: string[] = []
  near.on('data', (chunk) => heard.push(Buffer.from(chunk).toString()))
  far.write('still here')
  await until(() => heard.length === 1)
  far.end()
  expect(await ends).toEqual([null, null])
  expect([far.bytesRead, rig.a.stats.streams, rig.b.stats.streams]).toEqual([4, 0, 0])
  rig.destroy()
})

test('data written before end() arrives even if it needs many windows', async () => {
  const { rig, near, far } = await open({ limits: { streamWindowBytes: 64 * 1024 } })
  const bytes = pattern(1024 * 1024)
  for (let i = 0; i < bytes.byteLength; i += 5000) near.write(bytes.subarray(i, i + 5000))
  near.end()
  expect(Buffer.compare(await readAll(far), bytes)).toBe(0)
  rig.destroy()
})

test('destroy(err) is seen at the other end with code and message', async () => {
  const cases: [Error | undefined, string, string][] = [
    [undefined, 'STREAM_RESET', 'destroyed by the other end'],
    [new Error('plain'), 'STREAM_RESET', 'plain'],
    [new ProxyError('BUFFER_LIMIT', 'too much'), 'BUFFER_LIMIT', 'too much'],
    [Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED', 'refused']
  ]
  const { rig, more } = await open()
  for (const [reason, code, message] of cases) {
    const [near, far] = await more()
    const seen = finished(far)
    near.destroy(reason)
    expect(await seen).toMatchObject({ code, message, remote: true })
  }
  await until(() => rig.a.stats.streams === 1 && rig.b.stats.streams === 1)
  rig.destroy()
})

test('frames that cross a reset are ignored, and ids are freed', async () => {
  const { rig, near, far } = await open()
  far.write(new Uint8Array(60_000))
  await until(() => near.unreadBytes > 0)
  for (let i = 0; i < 5; i++) far.write(new Uint8Array(10_000))
  near.destroy()
  await finished(far)
  await until(() => rig.a.stats.streams === 0 && rig.b.stats.streams === 0)
  expect(near.unreadBytes).toBe(0)
  const both = await open()
  both.near.destroy(new Error('x'))
  both.far.destroy(new Error('y'))
  await until(() => both.rig.a.stats.streams === 0 && both.rig.b.stats.streams === 0)
  expect([rig.a.error, rig.b.error, both.rig.a.error, both.rig.b.error]).toEqual([null, null, null, null])
  rig.destroy()
  both.rig.destroy()
})

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

test('a handler that throws resets the stream; without a handler streams are refused', async () => {
  const onStream = () => {
    throw new ProxyError('FORBIDDEN', 'no')
  }
  const rig = new Rig({}, { onStream }).connect()
  expect(await finished(rig.a.openStream(empty))).toMatchObject({ code: 'FORBIDDEN', message: 'no' })
  expect(await finished(rig.b.openStream(empty))).toMatchObject({ code: 'NOT_FOUND' })
  rig.destroy()
})

test('a reset without a listener does not end the process', async () => {
  const { rig, near } = await open()
  near.destroy(new Error('x'))
  await until(() => rig.b.stats.streams === 0)
  rig.destroy()
})

test('flush: false when the stream or the session is destroyed first', async () => {
  const { rig, near, more } = await open()
  const [second] = await more()
  rig.a.detach()
  near.write('x')
  second.write('y')
  const flushes = [near.flush(), second.flush()]
  near.destroy()
  rig.a.destroy()
  expect(await Promise.all(flushes)).toEqual([false, false])
  expect(await near.flush()).toBe(false)
  rig.destroy()
})

test('destroying anything at any moment ends silently or with a typed error', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const below = randomFrom(seed)
    const { rig, near, far, more } = await open()
    const [near2, far2] = await more()
    for (const stream of [near, far, near2, far2]) {
      stream.on('data', () => {})
      if (below(2) === 0) stream.write(new Uint8Array(below(200_000)))
      if (below(3) === 0) stream.end()
    }
    const actions = [
      () => near.destroy(),
      () => far.destroy(new Error('far')),
      () => rig.a.destroy(),
      () => rig.b.destroy(new ProxyError('INTERNAL', 'b')),
      () => rig.cut(),
      () => rig.a.detach(),
      () => near2.end(),
      () => far2.destroy()
    ]
    for (let i = 0; i < 4; i++) {
      await turns(below(4))
      actions[below(actions.length)]?.()
    }
    rig.destroy()
    await until(() => [near, near2].every((stream) => stream.destroyed))
    expect(rig.a.error?.code).not.toBe('PROTOCOL_ERROR')
    expect(rig.b.error?.code).not.toBe('PROTOCOL_ERROR')
  }
})
