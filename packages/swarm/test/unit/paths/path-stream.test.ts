/** The stream under a connection with paths. What becomes of it when they change is in path-changes.test.ts. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { randomFrom } from '../../../../runtime/test/support/random.js'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { encodeControl } from '../../../src/paths/control.js'
import type { PathStream } from '../../../src/paths/path-stream.js'
import { PathSeal } from '../../../src/paths/seal.js'
import { addPath, pathPair, pathStreams } from '../../support/memory-paths.js'
import { drained, readAll, writeAll } from '../../support/path-readings.js'

const MEBIBYTE = 1024 * 1024

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
// The watch over paths was started for a path whose first message had ended the connection, and never stopped.
test('no timer outlives a connection that the first message on a path ends', async () => {
  const clock = new FakeClock()
  const streams = pathStreams(clock)
  const [one, other] = pathPair()
  streams.ends[0].addPath(1, one)
  const [, secrets] = streams.secrets
  other.sendControl(new PathSeal(secrets, 1).seal(encodeControl({ type: 'close' })))
  await until(() => streams.ends[0].destroyed)
  streams.ends[1].destroy()
  await clock.advance(60_000)
  expect(clock.liveTimers).toBe(0)
})

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
