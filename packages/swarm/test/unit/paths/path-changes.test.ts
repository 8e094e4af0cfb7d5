/** What becomes of a connection when its paths change, die and are replaced. */
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { randomFrom } from '../../../../runtime/test/support/random.js'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { FIRST_SPARE_ID } from '../../../src/paths/path.js'
import { addPath, type MemoryPath, pathPair, pathStreams } from '../../support/memory-paths.js'
import { digestOf, readAll, writeAll } from '../../support/path-readings.js'

const MEBIBYTE = 1024 * 1024

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

describe('a connection with a second path', () => {
  test('moves to it, and says so on both sides', async () => {
    const streams = pathStreams()
    streams.ends.map(readAll)
    addPath(streams, 1)
    await until(() => streams.ends.every((end) => end.activePathId === 1))
    for (const end of streams.ends) end.destroy()
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

  // The watch ended with any direct path, as if that had been the last one.
  test('and another one is left beside the first, the first is still watched', async () => {
    const clock = new FakeClock()
    const streams = pathStreams(clock)
    const { ends, rawStreams } = streams
    ends.map(readAll)
    for (const id of [1, 2]) {
      const pair = addPath(streams, id)
      await until(() => ends.every((end) => end.activePathId === id))
      if (id === 1) continue
      for (const end of ends) end.use(0)
      pair[0].destroy()
      await turns(10)
    }
    for (const raw of rawStreams) raw.isBlackHole = true
    await clock.advance(60_000)
    expect(ends.map((end) => [end.hasBase, end.activePathId])).toEqual([
      [false, 1],
      [false, 1]
    ])
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

  // A proxied path whose network is gone is given up after 44 s only, and one whose server drops data never.
  test.each<[string, (bytes: Uint8Array) => Uint8Array[]]>([
    ['nothing arrives', () => []],
    ['no data arrive', (bytes) => (bytes[3] === 1 ? [bytes] : [])]
  ])('what was on a first path on which %s is sent again on the other at once', async (_what, tamper) => {
    const streams = pathStreams()
    const { ends } = streams
    const [, reading] = ends.map(readAll)
    await loseOnFirstPath(streams, tamper)
    await until(() => reading?.bytes === 5010)
    expect([ends[0].hasBase, ends[0].activePathId]).toEqual([true, 1])
    for (const end of ends) end.destroy()
  })

  // What came twice was kept twice, and was then more than a peer may have others keep: the connection ended.
  test('and the next one too, while the first path is slow, what each brought is delivered once', async () => {
    const streams = pathStreams(new FakeClock())
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
      await until(() => reading?.isClosed === true || ends.every(({ activePathId }) => activePathId === id))
      pair[0].destroy()
      await until(() => ends.every(({ activePathId }) => activePathId === 0))
    }
    rawStreams[0].tamper = (chunk) => [...late.splice(0), chunk]
    ends[0].end(undefined)
    await until(() => reading?.isClosed === true || reading?.hasEnded === true)
    expect([reading?.error, reading?.digest()]).toEqual([null, digestOf(bytes, bytes)])
    for (const end of ends) end.destroy()
  })

  test('or a better one comes, only what the peer has not acknowledged is sent again', async () => {
    const clock = new FakeClock()
    const streams = pathStreams(clock)
    const { ends, rawStreams } = streams
    const [, reading] = ends.map(readAll)
    ends[0].write(new Uint8Array(60_000))
    await until(() => reading?.bytes === 60_000)
    await clock.advance(60)
    rawStreams[0].tamper = () => []
    ends[0].write(new Uint8Array(7000))
    await turns()
    rawStreams[0].tamper = (bytes) => [bytes]
    const pair = pathPair()
    let sentBytes = 0
    const { sendData } = pair[0]
    pair[0].sendData = (parts) => {
      const byteLength = sendData.call(pair[0], parts)
      sentBytes += byteLength
      return byteLength
    }
    addPath(streams, 1, pair)
    await until(() => reading?.bytes === 67_000)
    expect(sentBytes).toBe(7000)
    for (const end of ends) end.destroy()
  })

  // Of two sides whose paths had died, the second one saw the channel of the first one close, and ended as if all was well.
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
    expect(readings[1]?.error).toMatchObject({ code: 'PATH_STALLED' })
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
