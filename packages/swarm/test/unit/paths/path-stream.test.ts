import { createHash } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { randomFrom } from '../../../../runtime/test/support/random.js'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { FIRST_SPARE_ID } from '../../../src/paths/path.js'
import type { PathStream } from '../../../src/paths/path-stream.js'
import { addPath, type MemoryPath, pathPair, pathStreams } from '../../support/memory-paths.js'

const MEBIBYTE = 1024 * 1024

interface Reading {
  bytes: number
  hasEnded: boolean
  error: Error | null
  isClosed: boolean
  digest(): string
}

/** Reads everything, and tells how far it is. */
function readAll(stream: PathStream): Reading {
  const hash = createHash('sha256')
  const reading: Reading = { bytes: 0, hasEnded: false, error: null, isClosed: false, digest: () => hash.digest('hex') }
  stream.on('data', (data) => {
    const chunk = data as Uint8Array
    hash.update(chunk)
    reading.bytes += chunk.byteLength
  })
  stream.on('end', () => {
    reading.hasEnded = true
  })
  stream.on('error', (error) => {
    reading.error = error
  })
  stream.on('close', () => {
    reading.isClosed = true
  })
  return reading
}

/** Writes random chunks at the pace of the stream, then ends it. Returns what was written, hashed. */
async function writeAll(stream: PathStream, total: number, random: (below: number) => number): Promise<string> {
  const hash = createHash('sha256')
  for (let left = total; left > 0; ) {
    const chunk = new Uint8Array(Math.min(left, 1 + random(random(4) === 0 ? 100_000 : 2000)))
    for (let i = 0; i < chunk.byteLength; i += 7) chunk[i] = random(256)
    hash.update(chunk)
    left -= chunk.byteLength
    if (!stream.write(chunk)) await drained(stream)
    if (stream.destroying) throw new Error('the stream was destroyed')
  }
  stream.end(undefined)
  return hash.digest('hex')
}

/** The first path loses 5000 bytes, which nobody knows yet; 10 more follow on a second one. `tamper` says what it loses. */
async function loseOnFirstPath(
  streams: ReturnType<typeof pathStreams>,
  tamper: (bytes: Uint8Array) => Uint8Array[]
): Promise<void> {
  const { ends, rawStreams } = streams
  rawStreams[0].tamper = tamper
  ends[0].write(new Uint8Array(5000).fill(7))
  await turns()
  rawStreams[0].tamper = (bytes) => [bytes]
  addPath(streams, 1)
  await until(() => ends[0].activePathId === 1)
  ends[0].write(new Uint8Array(10))
}

function digestOf(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

function drained(stream: PathStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('close', done)
  })
}

describe('a connection with one path', () => {
  test('carries bytes both ways and ends like any stream', async () => {
    const { ends, rawStreams } = pathStreams()
    const readings = ends.map(readAll)
    const sent = await Promise.all(ends.map((end, index) => writeAll(end, MEBIBYTE, randomFrom(index))))
    await until(() => readings.every(({ isClosed }) => isClosed))
    expect(readings.map(({ hasEnded, error }) => ({ hasEnded, error }))).toEqual([
      { hasEnded: true, error: null },
      { hasEnded: true, error: null }
    ])
    expect([readings[1]?.digest(), readings[0]?.digest()]).toEqual(sent)
    await until(() => rawStreams.every((raw) => raw.destroyed))
  })

  test('stays half open after one side has ended', async () => {
    const { ends } = pathStreams()
    const [one, other] = ends.map(readAll)
    ends[0].end(undefined)
    await until(() => other?.hasEnded === true)
    ends[1].write(new Uint8Array(10))
    await until(() => one?.bytes === 10)
    expect(one?.isClosed).toBe(false)
    ends[1].end(undefined)
    await until(() => one?.isClosed === true && other?.isClosed === true)
  })

  test('ends with the error of its stream when that is reset', async () => {
    const { ends, rawStreams } = pathStreams()
    const [one] = ends.map(readAll)
    rawStreams[0].destroy(new Error('the proxy reset it'))
    await until(() => one?.isClosed === true)
    expect(one?.error?.message).toBe('the proxy reset it')
  })

  test('a writer waits for a reader that does not read, and both keep a window at most', async () => {
    const { ends } = pathStreams()
    const chunk = new Uint8Array(10_000)
    let written = 0
    while (written < 4 * MEBIBYTE) {
      if (!ends[0].write(chunk)) {
        const result = await Promise.race([drained(ends[0]), turns(300).then(() => 'stuck')])
        if (result === 'stuck') break
      }
      written += chunk.byteLength
    }
    expect(written).toBeLessThan(MEBIBYTE)
    expect(ends[1].bytesReceived).toBeLessThanOrEqual(256 * 1024)
    const [, other] = ends.map(readAll)
    await until(() => other?.bytes === ends[0].bytesTransmitted && other.bytes >= written)
    for (const end of ends) end.destroy()
  })

  // Up to 255 chunks of any size were kept although the peer had them.
  test('what the peer has is not kept', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const { ends } = pathStreams()
    const [, reading] = ends.map(readAll)
    const write = async () => {
      const chunk = new Uint8Array(100_000)
      ends[0].write(chunk)
      await ends[0].flush()
      return new WeakRef(chunk.buffer)
    }
    const written = [await write(), await write(), await write()]
    expect(reading?.bytes).toBe(300_000)
    await until('the chunks to be collected', () => {
      collect()
      return written.every((buffer) => buffer.deref() === undefined)
    })
    for (const end of ends) end.destroy()
  })

  test('flush resolves when the peer has everything, and to false if the stream is destroyed first', async () => {
    const { ends, rawStreams } = pathStreams()
    ends.map(readAll)
    ends[0].write(new Uint8Array(100_000))
    expect(await ends[0].flush()).toBe(true)
    expect(ends[1].bytesReceived).toBe(100_000)
    rawStreams[0].isBlackHole = true
    ends[0].write(new Uint8Array(10))
    const flushed = ends[0].flush()
    ends[0].destroy()
    expect(await flushed).toBe(false)
    ends[1].destroy()
  })
})

describe('a connection with a second path', () => {
  test('moves to it, and says so on both sides', async () => {
    const streams = pathStreams()
    streams.ends.map(readAll)
    addPath(streams, 1)
    await until(() => streams.ends.every((end) => end.activePathId === 1))
    for (const end of streams.ends) end.destroy()
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'loses, repeats and reorders nothing, whatever happens to paths (seed %i)',
    async (seed) => {
      const clock = new FakeClock()
      const streams = pathStreams(clock)
      const { ends } = streams
      const random = randomFrom(seed)
      const readings = ends.map(readAll)
      // One side ends earlier than the other, or at once: the connection is half closed for a while.
      const sizes = [3 * MEBIBYTE, (seed % 3) * MEBIBYTE]
      const done = Promise.all(
        ends.map((end, index) => writeAll(end, sizes[index] ?? 0, randomFrom(seed * 10 + index)))
      )
      let changes = 0
      let lastId = 0
      let pair = addPath(streams, ++lastId, somePath(random))
      const isOver = () => readings.every(({ isClosed }) => isClosed)
      while (!isOver()) {
        await turns(1 + random(20))
        const what = random(6)
        if (what === 0) for (const end of ends) end.use(0)
        else if (what === 1) ends[random(2)]?.use(lastId)
        else if (what === 2) {
          pair[random(2)]?.destroy()
          changes++
          await turns(random(10))
          pair = addPath(streams, ++lastId, somePath(random))
        } else if (what === 3) {
          // A black hole in one direction: only the watch notices it.
          const hole = pair[random(2)]
          if (hole !== undefined) hole.isBlackHole = true
          changes++
          await clock.advance(6000)
          pair = addPath(streams, ++lastId, somePath(random))
        } else if (what === 4) {
          // A reader that is slow, while the path changes again.
          ends[1].pause()
          await turns(random(20))
          ends[random(2)]?.use(lastId)
          await clock.advance(60)
          ends[1].resume()
        } else await clock.advance(60)
      }
      const sent = await done
      expect(readings.map(({ error }) => error)).toEqual([null, null])
      expect([readings[1]?.digest(), readings[0]?.digest()]).toEqual(sent)
      expect(changes).toBeGreaterThan(0)
    }
  )

  function somePath(random: (below: number) => number) {
    return pathPair(200 + random(20_000), 1 + random(20), () => 1 + random(5))
  }
})

// A peer that is gone is noticed by these numbers. Connections that can have direct paths did not have them.
describe('the counts of a UDX stream', () => {
  const COUNTS = { packetsReceived: 7, inflight: 1200, rtt: 30 }
  const NONE = { packetsReceived: undefined, inflight: undefined, rtt: undefined }
  const countsOf = ({ packetsReceived, inflight, rtt }: PathStream) => ({ packetsReceived, inflight, rtt })

  test('are those of the first path while bytes take it', async () => {
    const streams = pathStreams()
    const [end] = streams.ends
    Object.assign(streams.rawStreams[0], COUNTS)
    expect(countsOf(end)).toEqual(COUNTS)
    addPath(streams, 1)
    end.use(1)
    await until(() => end.activePathId === 1)
    expect(countsOf(end)).toEqual(NONE)
    end.use(0)
    await until(() => end.activePathId === 0)
    expect(countsOf(end)).toEqual(COUNTS)
    for (const each of streams.ends) each.destroy()
  })

  test('are left out for a stream without packets, which would seem dead', () => {
    const { ends, rawStreams } = pathStreams()
    Object.assign(rawStreams[0], { packetsReceived: 0, inflight: 0 })
    expect(countsOf(ends[0])).toEqual(NONE)
    for (const end of ends) end.destroy()
  })
})

describe('when a path dies', () => {
  test('in the middle of a transfer, the rest takes the first path', async () => {
    const streams = pathStreams()
    const { ends } = streams
    const [, reading] = ends.map(readAll)
    const pair = addPath(streams, 1)
    await until(() => ends[0].activePathId === 1)
    const sent = writeAll(ends[0], MEBIBYTE, randomFrom(1))
    await until(() => (reading?.bytes ?? 0) > 100_000)
    pair[0].destroy()
    const digest = await sent
    await until(() => reading?.hasEnded === true)
    expect(reading?.digest()).toBe(digest)
    expect(ends.map((end) => end.activePathId)).toEqual([0, 0])
    for (const end of ends) end.destroy()
  })

  test('silently, it is given up within 5 s', async () => {
    const clock = new FakeClock()
    const streams = pathStreams(clock)
    const { ends } = streams
    const [, reading] = ends.map(readAll)
    const pair = addPath(streams, 1)
    await until(() => ends.every((end) => end.activePathId === 1))
    await clock.advance(20_000)
    expect(ends[0].activePathId).toBe(1)
    for (const path of pair) path.isBlackHole = true
    ends[0].write(new Uint8Array(1000))
    await clock.advance(5000)
    expect(ends.map((end) => end.activePathId)).toEqual([0, 0])
    await until(() => reading?.bytes === 1000)
    for (const end of ends) end.destroy()
  })

  test('and it was the first one, the connection lives on over the other', async () => {
    const streams = pathStreams()
    const { ends, rawStreams } = streams
    const readings = ends.map(readAll)
    addPath(streams, 1)
    await until(() => ends.every((end) => end.activePathId === 1))
    rawStreams[0].destroy(new Error('the proxy went away'))
    await until(() => rawStreams[1].destroyed)
    const sent = await Promise.all(ends.map((end, index) => writeAll(end, 100_000, randomFrom(index))))
    await until(() => readings.every(({ isClosed }) => isClosed))
    expect([readings[1]?.digest(), readings[0]?.digest()]).toEqual(sent)
    expect(readings.map(({ error }) => error)).toEqual([null, null])
  })

  test('what was on the first path and never arrived is sent again when that path is lost', async () => {
    const streams = pathStreams()
    const { ends, rawStreams } = streams
    const [, reading] = ends.map(readAll)
    await loseOnFirstPath(streams, () => [])
    await turns()
    expect(reading?.bytes).toBe(0)
    rawStreams[0].destroy(null)
    await until(() => reading?.bytes === 5010)
    for (const end of ends) end.destroy()
  })

  // A proxied path whose network is gone is given up after 44 s only, and one whose server drops data never.
  test('what was on the first path and does not arrive, while that path seems to live, is sent again on the other', async () => {
    const clock = new FakeClock()
    const streams = pathStreams(clock)
    const { ends } = streams
    const [, reading] = ends.map(readAll)
    await loseOnFirstPath(streams, (bytes) => (bytes[3] === 1 ? [bytes] : []))
    await clock.advance(5000)
    await until(() => reading?.bytes === 5010)
    expect([ends[0].hasBase, ends[0].activePathId]).toEqual([true, 1])
    for (const end of ends) end.destroy()
  })

  // What came twice was kept twice, and was then more than a peer may have others keep: the connection ended.
  test('and the next one too, while the first path is slow, what both brought is kept once', async () => {
    const clock = new FakeClock()
    const streams = pathStreams(clock)
    const { ends, rawStreams } = streams
    const [, reading] = ends.map(readAll)
    const bytes = Uint8Array.from({ length: 8 * MEBIBYTE }, (_, index) => index * 31)
    // The window is as large as it gets.
    ends[0].write(bytes)
    await until(() => reading?.bytes === bytes.byteLength)
    const late: Uint8Array[] = []
    rawStreams[0].tamper = (chunk) => {
      late.push(chunk)
      return []
    }
    ends[0].write(bytes)
    for (const id of [1, 2]) {
      const pair = addPath(streams, id, pathPair(65_536, 100))
      const isOn = () => ends.every(({ activePathId }) => activePathId === id)
      await until(() => reading?.isClosed === true || (isOn() && pair[0].isIdle))
      expect([reading?.error, reading?.bytes]).toEqual([null, bytes.byteLength])
      pair[0].destroy()
      await until(() => ends.every(({ activePathId }) => activePathId === 0))
    }
    rawStreams[0].tamper = (chunk) => [...late.splice(0), chunk]
    ends[0].end(undefined)
    await until(() => reading?.isClosed === true || reading?.hasEnded === true)
    expect([reading?.error, reading?.digest()]).toEqual([null, digestOf(bytes, bytes)])
    for (const end of ends) end.destroy()
  })

  test('what the first path still brings, however slowly, is not sent again', async () => {
    const clock = new FakeClock()
    const streams = pathStreams(clock)
    const { ends, rawStreams } = streams
    const [, reading] = ends.map(readAll)
    const late: Uint8Array[] = []
    rawStreams[0].tamper = (bytes) => {
      late.push(bytes)
      return []
    }
    for (let i = 0; i < 6; i++) ends[0].write(new Uint8Array(10_000))
    await until(() => late.reduce((sum, { byteLength }) => sum + byteLength, 0) >= 60_000)
    rawStreams[0].tamper = (bytes) => [bytes]
    const [path] = addPath(streams, 1)
    await until(() => ends[0].activePathId === 1)
    let sentBytes = 0
    const { sendData } = path
    path.sendData = (parts) => {
      const byteLength = sendData.call(path, parts)
      sentBytes += byteLength
      return byteLength
    }
    ends[0].write(new Uint8Array(10))
    // Faster than the first path is asked whether it lives.
    for (const bytes of late) {
      await clock.advance(1000)
      rawStreams[1].push(bytes)
    }
    await until(() => reading?.bytes === 60_010)
    expect(sentBytes).toBe(10)
    for (const end of ends) end.destroy()
  })

  test('and none is left, the connection closes with the reason', async () => {
    const streams = pathStreams()
    const { ends, rawStreams } = streams
    const readings = ends.map(readAll)
    const pair = addPath(streams, 1)
    await until(() => ends.every((end) => end.activePathId === 1))
    rawStreams[0].destroy(null)
    await until(() => rawStreams[1].destroyed)
    pair[0].destroy()
    await until(() => readings[1]?.isClosed === true)
    ends[0].destroy()
  })
})

describe('a replacement of the first path', () => {
  const SPARE = FIRST_SPARE_ID + 1

  /** A connection that has only a direct path left, and a replacement. */
  async function replaced() {
    const streams = pathStreams()
    const { ends, rawStreams } = streams
    const readings = ends.map(readAll)
    const direct = addPath(streams, 1)
    await until(() => ends.every((end) => end.activePathId === 1))
    rawStreams[0].destroy(null)
    await until(() => rawStreams[1].destroyed && !ends[0].hasBase && !ends[1].hasBase)
    const spares: number[] = []
    for (const end of ends)
      end.observe({
        onSignal() {},
        onActive() {},
        onLost() {},
        onSent() {},
        onRefused() {},
        onSpare: (id) => spares.push(id)
      })
    const spare = addPath(streams, SPARE)
    await until(() => spares.length === 2)
    return { ends, readings, direct, spare, spares }
  }

  test('is not used while there is a direct one, and takes over when that dies', async () => {
    const { ends, readings, direct, spares } = await replaced()
    expect([spares, ends.map((end) => end.activePathId)]).toEqual([
      [SPARE, SPARE],
      [1, 1]
    ])
    const sent = writeAll(ends[0], MEBIBYTE, randomFrom(1))
    await until(() => (readings[1]?.bytes ?? 0) > 100_000)
    direct[0].destroy()
    const digest = await sent
    await until(() => readings[1]?.hasEnded === true)
    expect([readings[1]?.digest(), ends.map((end) => end.isOnFirstPath)]).toEqual([digest, [true, true]])
    for (const end of ends) end.destroy()
  })

  test('may be lost as the first one was, and may be left for another direct path', async () => {
    const { ends, readings, direct, spare } = await replaced()
    spare[0].destroy()
    await until(() => ends.every((end) => !end.hasBase))
    const [one, other] = [pathPair(), pathPair()]
    for (const [index, end] of ends.entries()) end.addPath(SPARE + 1, one[index] as MemoryPath)
    await turns()
    direct[1].destroy()
    await until(() => ends.every((end) => end.activePathId === SPARE + 1))
    for (const [index, end] of ends.entries()) end.addPath(2, other[index] as MemoryPath)
    await until(() => ends.every((end) => end.activePathId === 2))
    ends[0].write(new Uint8Array(1000))
    await until(() => readings[1]?.bytes === 1000)
    for (const end of ends) end.destroy()
  })
})

test('closing a connection that has left its first path closes the other end', async () => {
  const streams = pathStreams()
  const { ends, rawStreams } = streams
  const readings = ends.map(readAll)
  addPath(streams, 1)
  await until(() => ends.every((end) => end.activePathId === 1))
  for (const raw of rawStreams) raw.isBlackHole = true
  ends[0].destroy()
  await until(() => readings[1]?.isClosed === true)
  expect(readings[1]?.error).toMatchObject({ code: 'CONNECTION_CLOSED' })
})

test('no timer outlives a connection', async () => {
  const clock = new FakeClock()
  const streams = pathStreams(clock)
  const readings = streams.ends.map(readAll)
  addPath(streams, 1)
  await until(() => streams.ends.every((end) => end.activePathId === 1))
  for (const end of streams.ends) end.end(new Uint8Array(10))
  await clock.advance(100)
  await until(() => readings.every(({ isClosed }) => isClosed))
  await turns()
  expect(clock.liveTimers).toBe(0)
})

// A channel that Chromium had called open lost the first message: one side moved, the other waited for it in vain.
test('a path on which one side lost the first message is used by both', async () => {
  const streams = pathStreams()
  const [one, other] = pathPair()
  const send = other.sendControl.bind(other)
  let isFirst = true
  other.sendControl = (sealed) => {
    if (!isFirst) send(sealed)
    isFirst = false
  }
  addPath(streams, 1, [one, other])
  await until(() => streams.ends.every((end) => end.activePathId === 1))
  for (const end of streams.ends) end.destroy()
})
