/** The end of a connection: the last acknowledgement waits behind what its path still has to bring. */
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { until } from '../../../../runtime/test/support/until.js'
import { addPath, type MemoryRaw, pathStreams } from '../../support/memory-paths.js'
import { readAll } from '../../support/path-readings.js'

/** Delivers one chunk at a time, so many milliseconds after the one before, and the end after the last one. */
function slowDown(raw: MemoryRaw, clock: FakeClock, chunkMs: number): void {
  const waiting: (Uint8Array | null)[] = []
  const deliver = () => {
    raw.peer?.push(waiting.shift())
    if (waiting.length > 0) clock.schedule(deliver, chunkMs)
  }
  const add = (chunk: Uint8Array | null) => {
    if (waiting.push(chunk) === 1) clock.schedule(deliver, chunkMs)
  }
  raw.tamper = (bytes) => {
    add(bytes)
    return []
  }
  raw._final = (callback) => {
    add(null)
    callback(null)
  }
}

// The path was reset 10 s after the end, although it was still bringing something: the other side saw an error.
test.each([5, 10])(
  'it arrives behind %i chunks on a slow path, when the direct one dies at that moment',
  async (chunks) => {
    const clock = new FakeClock()
    const streams = pathStreams(clock)
    const { ends, rawStreams } = streams
    const readings = ends.map(readAll)
    slowDown(rawStreams[0], clock, 4000)
    for (let i = 0; i < chunks; i++) {
      ends[0].write(new Uint8Array(1000))
      await clock.advance(0)
    }
    const direct = addPath(streams, 1)
    // What the first path does not bring soon takes the direct one as well.
    await clock.advanceUntil(() => readings[1]?.bytes === chunks * 1000)
    ends[0].end(undefined)
    await until(() => readings[1]?.hasEnded === true)
    direct[0].isBlackHole = true
    ends[1].end(new Uint8Array(10))
    await until(() => readings[0]?.isClosed === true)
    direct[1].isBlackHole = true
    await clock.advanceUntil(() => readings[1]?.isClosed === true)
    expect(readings.map(({ error, hasEnded, bytes }) => [error, hasEnded, bytes])).toEqual([
      [null, true, 10],
      [null, true, chunks * 1000]
    ])
  }
)

describe('the path of a side that has finished is closed', () => {
  /** Both have finished, and the other side does not close its end. */
  async function finished(clock: FakeClock) {
    const { ends, rawStreams } = pathStreams(clock)
    const readings = ends.map(readAll)
    ends[0].on('close', () => {
      rawStreams[1].isBlackHole = true
    })
    for (const end of ends) end.end(new Uint8Array(10))
    await until(() => readings.every(({ isClosed }) => isClosed))
    expect(readings.map(({ error }) => error)).toEqual([null, null])
    return rawStreams[0]
  }

  test('10 s after the last sign of the peer', async () => {
    const clock = new FakeClock()
    const raw = await finished(clock)
    await clock.advance(9000)
    expect(raw.destroyed).toBe(false)
    await clock.advance(1500)
    expect(raw.destroyed).toBe(true)
  })

  test('after a minute, however much the peer still has to say', async () => {
    const clock = new FakeClock()
    const raw = await finished(clock)
    for (let seconds = 0; seconds < 58; seconds += 2) {
      // A data frame of one byte.
      raw.push(Uint8Array.of(2, 0, 0, 0, 7))
      await clock.advance(2000)
    }
    expect(raw.destroyed).toBe(false)
    raw.push(Uint8Array.of(2, 0, 0, 0, 7))
    await clock.advance(3000)
    expect(raw.destroyed).toBe(true)
  })
})
