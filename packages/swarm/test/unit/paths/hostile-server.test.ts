/** What a hostile proxy server between two peers, or a stranger, can do on the paths of a connection. */
import { describe, expect, test } from 'vitest'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { encodeControl, type Signal } from '../../../src/paths/control.js'
import { NO_OBSERVER } from '../../../src/paths/path-listeners.js'
import { PathSeal } from '../../../src/paths/seal.js'
import { addPath, pathPair, pathStreams, secretsPair } from '../../support/memory-paths.js'
import { PathForger } from '../../support/path-forger.js'

const PING = encodeControl({ type: 'ping' })

function signalOf(text: string): Signal {
  return { type: 'refusal', attempt: 1, index: 0, text }
}

describe('a server in the middle', () => {
  test('that changes or makes up control messages is refused and counted, and the connection stays', async () => {
    const forger = new PathForger()
    const stranger = new PathForger()
    const signals: Signal[] = []
    forger.victim.observe({ ...NO_OBSERVER, onSignal: (signal) => signals.push(signal) })
    const genuine = forger.frame(signalOf('1'))
    const changed = Uint8Array.from(forger.frame(signalOf('1')))
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

  test('that reflects our own messages is refused, and the connection stays', async () => {
    const { ends, rawStreams } = pathStreams()
    let signals = 0
    const sent: Uint8Array[] = []
    for (const end of ends) end.observe({ ...NO_OBSERVER, onSignal: () => signals++ })
    rawStreams[0].tamper = (bytes) => {
      sent.push(bytes)
      return [bytes]
    }
    ends[0].sendSignal(signalOf('1'))
    ends[0].sendSignal(signalOf('2'))
    await until(() => signals === 2)
    for (const bytes of sent) rawStreams[0].push(bytes)
    await until(() => ends[0].refusedCount === 2)
    expect([signals, ends[0].destroying]).toEqual([2, false])
    for (const end of ends) end.destroy()
  })

  test('that replays an old signal is refused', async () => {
    const forger = new PathForger()
    const signals: string[] = []
    forger.victim.observe({ ...NO_OBSERVER, onSignal: ({ text }) => signals.push(text) })
    const old = forger.frame(signalOf('1'))
    for (const frame of [old, old, forger.frame(signalOf('2')), old]) forger.raw.write(frame)
    await until(() => forger.victim.refusedCount === 2)
    expect(signals).toEqual(['1', '2'])
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
  other.sendControl(wrongSeal.seal(PING))
  // The genuine message of another path does not fit either.
  const [, secrets] = secretsPair()
  other.sendControl(new PathSeal(secrets, 2).seal(PING))
  await until(() => ends[0].refusedCount === 2)
  expect(ends[0].activePathId).toBe(0)
  other.sendControl(new PathSeal(secrets, 1).seal(PING))
  await until(() => ends[0].activePathId === 1)
  for (const end of ends) end.destroy()
})
