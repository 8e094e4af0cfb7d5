/** What a hostile peer can do on the paths of a connection. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import b4a from 'b4a'
import { describe, expect, test } from 'vitest'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { type Control, encodeControl, MAX_CONTROL_BYTES, type Signal } from '../../../src/paths/control.js'
import { NO_OBSERVER } from '../../../src/paths/path-listeners.js'
import { PathSeal } from '../../../src/paths/seal.js'
import { addPath, MemoryPath, pathPair, pathStreams, secretsPair } from '../../support/memory-paths.js'
import { PathForger } from '../../support/path-forger.js'

const WINDOW_BYTES = 256 * 1024

/** Messages that are in order, if there are few of them. */
const floods: [string, ...Control[]][] = [
  ['pings', { type: 'ping' }],
  ['messages of a later version', { type: 'unknown' }],
  ['losses of paths that do not exist', { type: 'lost', pathId: 9 }],
  ['acknowledgements of nothing', { type: 'ack', received: 0, limit: WINDOW_BYTES }]
]

const malformed = [
  'nonsense',
  'null',
  '{"type":"end"}',
  '{"type":"end","total":"5"}',
  '{"type":"end","total":-1}',
  '{"type":"end","total":1.5}',
  '{"type":"end","total":9007199254740992}',
  '{"type":"lost","pathId":[1]}',
  '{"type":"ask","attempt":1,"index":0}',
  '{"type":"ask","attempt":1,"index":0,"text":5}',
  '{"type":"candidate","attempt":1,"index":null,"text":""}'
]

describe('a peer that breaks the rules loses the connection, with PATH_VIOLATION:', () => {
  const attacks: [string, (forger: PathForger) => void][] = [
    ['bytes acknowledged that were never sent', (forger) => forger.send({ type: 'ack', received: 1, limit: 10 })],
    ['the end acknowledged before it was sent', (forger) => forger.send({ type: 'ack', received: 1, limit: 1 })],
    ['data beyond the window', (forger) => forger.sendData(new Uint8Array(WINDOW_BYTES + 1))],
    ['a gap before its data', (forger) => forger.send({ type: 'start', order: 1, offset: 1 })],
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
    ...malformed.map((text): [string, (forger: PathForger) => void] => [
      `the message ${text}`,
      (forger) => forger.raw.write(forger.frameOf(b4a.from(text)))
    ]),
    ['a message that is too long', (forger) => forger.send(signalOf('x'.repeat(MAX_CONTROL_BYTES)))],
    [
      'a flood of signals that nobody wants',
      (forger) => {
        for (let i = 0; i < 65; i++) forger.send(signalOf('x'))
      }
    ],
    ...floods.map(([name, ...controls]): [string, (forger: PathForger) => void] => [
      `a flood of ${name}`,
      (forger) => {
        for (let i = 0; i < 600; i++) for (const control of controls) forger.send(control)
      }
    ]),
    [
      'a flood of long signals',
      (forger) => {
        forger.victim.observe(NO_OBSERVER)
        for (let i = 0; i < 18; i++) forger.send(signalOf('x'.repeat(8000)))
      }
    ],
    [
      'a flood of acknowledgements that allow another byte',
      (forger) => {
        for (let i = 0; i < 600; i++) forger.send({ type: 'ack', received: 0, limit: WINDOW_BYTES + i })
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
    const [, secrets] = secretsPair()
    other.sendControl(new PathSeal(secrets, 1).seal(encodeControl({ type: 'ping' })))
    other.sendData([new Uint8Array(1)])
    expect(await error).toMatchObject({ code: 'PATH_VIOLATION' })
    streams.ends[1].destroy()
  })
})

test('data on a path where the peer has not proved that it is there cost that path, with PATH_VIOLATION', async () => {
  const streams = pathStreams()
  const { ends } = streams
  const lost: unknown[] = []
  ends[0].observe({ ...NO_OBSERVER, onLost: (id, error) => lost.push(id, (error as { code?: unknown } | null)?.code) })
  const [one, other] = pathPair()
  ends[0].addPath(1, one)
  other.sendData([new Uint8Array(1)])
  await until(() => one.isOver)
  ends[0].resume()
  ends[1].write(new Uint8Array(10))
  await until(() => ends[0].bytesReceived === 10)
  expect(lost).toEqual([1, 'PATH_VIOLATION'])
  for (const end of ends) end.destroy()
})

test('acknowledgements and limits that go backwards change nothing', async () => {
  const forger = new PathForger()
  const { victim } = forger
  for (let i = 0; i < 10; i++) victim.write(new Uint8Array(65_536))
  await until(() => victim.bytesTransmitted === WINDOW_BYTES)
  const flushed = victim.flush()
  forger.send({ type: 'ack', received: WINDOW_BYTES, limit: 600_000 })
  await until(() => victim.bytesTransmitted === 600_000)
  for (const received of [100, 0, WINDOW_BYTES - 1]) forger.send({ type: 'ack', received, limit: 0 })
  await turns()
  expect([victim.bytesTransmitted, victim.destroying]).toEqual([600_000, false])
  forger.send({ type: 'ack', received: 600_000, limit: 700_000 })
  await until(() => victim.bytesTransmitted === 655_360)
  forger.send({ type: 'ack', received: 655_360, limit: 700_000 })
  expect(await flushed).toBe(true)
  victim.destroy()
})

// A few bytes of each message were new, and the whole message was kept for them: many times the window.
test('a peer that repeats much and adds little does not have us keep what it repeats', async () => {
  const heldBytes = measureHeld()
  const forger = new PathForger()
  const newBytes = 5120
  for (let order = 1, end = newBytes; end <= WINDOW_BYTES; order++, end += newBytes) {
    forger.send({ type: 'start', order, offset: 0 })
    forger.sendData(new Uint8Array(end))
    await until(() => forger.victim.bytesReceived === end)
  }
  await until('what is repeated to be collected', () => heldBytes() < 4 * WINDOW_BYTES)
  forger.victim.destroy()
})

test('lost paths that nobody has, and the loss of a path told twice, change nothing', async () => {
  const streams = pathStreams()
  const { ends } = streams
  addPath(streams, 1)
  await until(() => ends.every((end) => end.activePathId === 1))
  ends[1].removePath(7, null)
  const [, secrets] = secretsPair()
  const [extra] = pathPair()
  ends[0].addPath(2, extra)
  const seal = new PathSeal(secrets, 2)
  for (const pathId of [9, 9, 2 ** 40, Number.MAX_SAFE_INTEGER, 1, 1])
    extra.listener?.onControl(seal.seal(encodeControl({ type: 'lost', pathId })))
  await until(() => ends.every((end) => end.activePathId === 0))
  ends[0].resume()
  ends[1].write(new Uint8Array(10))
  await until(() => ends[0].bytesReceived === 10)
  for (const end of ends) end.destroy()
})

test('a message of a later version is ignored', async () => {
  const forger = new PathForger()
  forger.raw.write(forger.frameOf(b4a.from('{"type":"later","by":[{}]}')))
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
  const peer = deafPeer()
  // The first message proves that the peer is there, and moves us to its path.
  peer.send({ type: 'ping' })
  expect(peer.answersTo(() => peer.send({ type: 'ping' }))).toBe(0)
  peer.destroy()
})

// Once all was here, each byte that came again was acknowledged, and the acknowledgements waited for a peer that read none.
test('a peer that repeats all after the end and never reads gets no acknowledgements to keep for it', async () => {
  const peer = deafPeer()
  peer.send({ type: 'start', order: 1, offset: 0 })
  peer.sendData(100)
  peer.send({ type: 'end', total: 100 })
  peer.send({ type: 'start', order: 2, offset: 0 })
  expect(peer.answersTo(() => peer.sendData(1))).toBe(0)
  peer.destroy()
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

/** A peer on a path of its own that never reads: what we have sent on it, the acknowledgement, stays there, so it is not writable. */
function deafPeer() {
  const { ends } = pathStreams()
  const [path] = pathPair(1000, 1)
  ends[0].addPath(1, path)
  path.isBlackHole = true
  const [, secrets] = secretsPair()
  const seal = new PathSeal(secrets, 1)
  return {
    send: (control: Control) => path.listener?.onControl(seal.seal(encodeControl(control))),
    sendData: (bytes: number) => path.listener?.onData(new Uint8Array(bytes)),
    /** How many answers there are to a message that it sends a hundred times. */
    answersTo(send: () => void) {
      let answers = 0
      path.sendControl = () => answers++
      for (let i = 0; i < 100; i++) send()
      return answers
    },
    destroy() {
      for (const end of ends) end.destroy()
    }
  }
}

function signalOf(text: string): Signal {
  return { type: 'refusal', attempt: 1, index: 0, text }
}

/** Returns a function that says how many bytes are held that were not held before. */
function measureHeld(): () => number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const held = () => {
    collect()
    return process.memoryUsage().arrayBuffers
  }
  const before = held()
  return () => held() - before
}
