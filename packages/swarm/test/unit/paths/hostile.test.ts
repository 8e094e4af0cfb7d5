/** What a hostile peer, or a hostile proxy server between two peers, can do on the paths of a connection. */
import { describe, expect, test } from 'vitest'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { type Control, MAX_CONTROL_BYTES } from '../../../src/paths/control.js'
import { PathSeal } from '../../../src/paths/seal.js'
import { addPath, MemoryPath, pathPair, pathStreams, secretsPair } from '../../support/memory-paths.js'
import { PathForger } from '../../support/path-forger.js'

const WINDOW_BYTES = 256 * 1024

describe('a peer that breaks the rules loses the connection, with PATH_VIOLATION:', () => {
  const attacks: [string, (forger: PathForger) => void][] = [
    ['bytes acknowledged that were never sent', (forger) => forger.send({ type: 'ack', received: 1, limit: 10 })],
    ['the end acknowledged before it was sent', (forger) => forger.send({ type: 'ack', received: 1, limit: 1 })],
    ['data beyond the window', (forger) => forger.sendData(new Uint8Array(WINDOW_BYTES + 1))],
    [
      'data beyond the window behind a gap',
      (forger) => {
        forger.send({ type: 'start', order: 1, offset: WINDOW_BYTES })
        forger.sendData(new Uint8Array(1))
      }
    ],
    [
      'too many gaps',
      (forger) => {
        for (let order = 1; order <= 17; order++) {
          forger.send({ type: 'start', order, offset: order * 2 })
          forger.sendData(new Uint8Array(1))
        }
      }
    ],
    [
      'the same data behind a gap again and again',
      (forger) => {
        for (let order = 1; order <= 30; order++) {
          forger.send({ type: 'start', order, offset: order })
          forger.sendData(new Uint8Array(200_000))
        }
      }
    ],
    ['a start out of order', (forger) => forger.send({ type: 'start', order: 0, offset: 0 })],
    [
      'an end before data that are here',
      (forger) => {
        forger.sendData(new Uint8Array(10))
        forger.send({ type: 'end', total: 5 })
      }
    ],
    [
      'another end',
      (forger) => {
        forger.send({ type: 'end', total: 5 })
        forger.send({ type: 'end', total: 6 })
      }
    ],
    ['an end beyond the window', (forger) => forger.send({ type: 'end', total: 2 ** 40 })],
    [
      'data after the end',
      (forger) => {
        forger.send({ type: 'end', total: 5 })
        forger.sendData(new Uint8Array(6))
      }
    ],
    [
      'a number that is none',
      (forger) => forger.raw.write(forger.frameOf(Uint8Array.of(3, ...new Array<number>(16).fill(0xff))))
    ],
    ['a message of a wrong length', (forger) => forger.raw.write(forger.frameOf(Uint8Array.of(0, 1)))],
    [
      'a message that is too long',
      (forger) => forger.send({ type: 'signal', bytes: new Uint8Array(MAX_CONTROL_BYTES) })
    ],
    [
      'a flood of signals that nobody wants',
      (forger) => {
        for (let i = 0; i < 65; i++) forger.send({ type: 'signal', bytes: new Uint8Array(10) })
      }
    ],
    ['bytes that are not a frame', (forger) => forger.raw.write(Uint8Array.of(9, 0, 0, 7, 1))],
    ['a frame without bytes', (forger) => forger.raw.write(Uint8Array.of(1, 0, 0, 0))]
  ]

  test.each(attacks)('%s', async (_name, attack) => {
    const forger = new PathForger()
    const failure = forger.failure()
    attack(forger)
    expect(await failure).toBe('PATH_VIOLATION')
  })

  test('data on a further path before its start', async () => {
    const streams = pathStreams()
    const [one, other] = pathPair()
    const error = new Promise((resolve) => streams.ends[0].on('error', resolve))
    streams.ends[0].addPath(1, one)
    other.sendData([new Uint8Array(1)])
    expect(await error).toMatchObject({ code: 'PATH_VIOLATION' })
    streams.ends[1].destroy()
  })
})

test('a message of a later version is ignored', async () => {
  const forger = new PathForger()
  forger.raw.write(forger.frameOf(Uint8Array.of(200, 1, 2)))
  forger.sendData(new Uint8Array(5))
  await until(() => forger.victim.bytesReceived === 5)
  expect(forger.victim.refusedCount).toBe(0)
  forger.victim.destroy()
})

test('a peer that allows any amount makes us keep no more than our own window', async () => {
  const forger = new PathForger()
  forger.send({ type: 'ack', received: 0, limit: 2 ** 50 })
  await turns()
  for (let i = 0; i < 100; i++) forger.victim.write(new Uint8Array(65_536))
  await until(() => forger.victim.bytesTransmitted === 4 * 1024 * 1024)
  await turns()
  expect(forger.victim.bytesTransmitted).toBe(4 * 1024 * 1024)
  forger.victim.destroy()
})

test('a peer that asks and never reads gets no answers to keep for it', async () => {
  const streams = pathStreams()
  const [one] = pathPair(1000, 1)
  let answers = 0
  streams.ends[0].addPath(1, one)
  // What was sent is still there: the hello. So it is not writable.
  one.isBlackHole = true
  const [, secrets] = secretsPair()
  const seal = new PathSeal(secrets, 1)
  one.sendControl = () => answers++
  for (let i = 0; i < 100; i++) one.listener?.onControl(seal.seal(Uint8Array.of(5)))
  expect(answers).toBe(0)
  for (const end of streams.ends) end.destroy()
})

describe('a server in the middle', () => {
  test('that changes or makes up control messages is refused and counted, and the connection stays', async () => {
    const forger = new PathForger()
    const stranger = new PathForger()
    const control: Control = { type: 'signal', bytes: Uint8Array.of(1, 2, 3) }
    const signals: Uint8Array[] = []
    forger.victim.observe({
      onSignal: (bytes) => signals.push(bytes),
      onActive() {},
      onLost() {},
      onSent() {},
      onSpare() {},
      onRefused() {}
    })
    const genuine = forger.frame(control)
    const changed = Uint8Array.from(forger.frame(control))
    changed[changed.byteLength - 1] = (changed.at(-1) ?? 0) ^ 1
    forger.raw.write(changed)
    stranger.raw.destroy()
    forger.raw.write(genuine)
    await until(() => signals.length === 1)
    expect(forger.victim.refusedCount).toBe(1)
    forger.sendData(new Uint8Array(5))
    await until(() => forger.victim.bytesReceived === 5)
    forger.victim.destroy()
  })

  test('that replays an old signal is refused', async () => {
    const forger = new PathForger()
    const signals: Uint8Array[] = []
    forger.victim.observe({
      onSignal: (bytes) => signals.push(bytes),
      onActive() {},
      onLost() {},
      onSent() {},
      onSpare() {},
      onRefused() {}
    })
    const old = forger.frame({ type: 'signal', bytes: Uint8Array.of(1) })
    for (const frame of [old, old, forger.frame({ type: 'signal', bytes: Uint8Array.of(2) }), old])
      forger.raw.write(frame)
    await until(() => forger.victim.refusedCount === 2)
    expect(signals.map(([byte]) => byte)).toEqual([1, 2])
    forger.victim.destroy()
  })

  test('that sends nothing else loses the path', async () => {
    const forger = new PathForger()
    const failure = forger.failure()
    const old = forger.frame({ type: 'ping' })
    for (let i = 0; i < 70; i++) forger.raw.write(old)
    expect(await failure).toBe('PATH_VIOLATION')
  })

  test('that sends garbage on the first path, when the data take another, changes nothing', async () => {
    const streams = pathStreams()
    const { ends, rawStreams } = streams
    const received: number[] = []
    ends[0].on('data', (data) => received.push(...(data as Uint8Array)))
    addPath(streams, 1)
    await until(() => ends.every((end) => end.activePathId === 1))
    await turns()
    // A data frame of three bytes.
    rawStreams[0].push(Uint8Array.of(4, 0, 0, 0, 66, 66, 66))
    await turns()
    ends[1].write(Uint8Array.of(1, 2, 3, 4))
    await until(() => received.length === 4)
    expect(received).toEqual([1, 2, 3, 4])
    for (const end of ends) end.destroy()
  })
})

test('a stranger at the other end of a path, without the keys, is not taken for the peer', async () => {
  const streams = pathStreams()
  const { ends } = streams
  const [one, other] = pathPair()
  const wrongSeal = new PathSeal({ tx: new Uint8Array(32).fill(9), rx: new Uint8Array(32).fill(8) }, 1)
  ends[0].addPath(1, one)
  other.sendControl(wrongSeal.seal(Uint8Array.of(0)))
  // The genuine hello of another path does not fit either.
  const [, secrets] = secretsPair()
  other.sendControl(new PathSeal(secrets, 2).seal(Uint8Array.of(0)))
  await until(() => ends[0].refusedCount === 2)
  expect(ends[0].activePathId).toBe(0)
  other.sendControl(new PathSeal(secrets, 1).seal(Uint8Array.of(0)))
  await until(() => ends[0].activePathId === 1)
  for (const end of ends) end.destroy()
})

test('a path that is added twice, or after the end, is closed', () => {
  const streams = pathStreams()
  const [one, again, late] = [new MemoryPath(), new MemoryPath(), new MemoryPath()]
  streams.ends[0].addPath(1, one)
  streams.ends[0].addPath(1, again)
  expect([one.isOver, again.isOver]).toEqual([false, true])
  for (const end of streams.ends) end.destroy()
  streams.ends[0].addPath(2, late)
  expect(late.isOver).toBe(true)
})
