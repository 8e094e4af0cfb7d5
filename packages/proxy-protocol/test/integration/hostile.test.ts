import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { randomFrom } from '../../../runtime/test/support/random.js'
import { turns, until } from '../../../runtime/test/support/until.js'
import { encodeFrame, FRAME, isErrorCode, Link, type ProtocolLimits, ProxyError, Session } from '../../src/index.js'
import { encodeAck } from '../../src/wire/link-frames.js'
import * as codec from '../../src/wire/session-frames.js'
import { Rig, type WireEnd, wire } from '../support/helpers.js'

const empty = new Uint8Array(0)

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** A session whose peer is the test itself. */
function victim(limits: Partial<ProtocolLimits> = {}): {
  session: Session
  wire: WireEnd
  send: (frame: Uint8Array) => void
} {
  const [near, far] = wire()
  const onStream = (): void => {}
  const session = new Session({ isInitiator: false, limits, onRequest: (_op, body) => body, onStream })
  session.attach(new Link(near, null, { limits }), 0)
  far.on('data', () => {})
  return { session, wire: far, send: (frame) => void (far.destroying || far.write(frame)) }
}

async function verdict(frames: Uint8Array[], limits: Partial<ProtocolLimits> = {}): Promise<string> {
  const { session, wire, send } = victim(limits)
  for (const frame of frames) send(frame)
  await turns(5)
  const code = session.error?.code ?? 'none'
  session.destroy()
  wire.destroy()
  return code
}

const open = codec.encodeOpen(1, 1000, empty)
const data = (stream: number, size: number): Uint8Array =>
  Buffer.concat([codec.encodeDataHeader(stream, size, 0), new Uint8Array(size)])

const window = { streamWindowBytes: 64 * 1024 }
const cases: [string, Uint8Array[], string][] = [
  ['nothing', [open], 'none'],
  ['an unknown sequenced type', [encodeFrame(0x77, empty)], 'PROTOCOL_ERROR'],
  ['an unknown link type', [encodeFrame(0x0f, empty)], 'PROTOCOL_ERROR'],
  ['a HELLO in the middle', [encodeFrame(FRAME.HELLO, empty)], 'PROTOCOL_ERROR'],
  ['data on a stream never opened', [data(1, 1)], 'PROTOCOL_ERROR'],
  ['an end of a stream never opened', [codec.encodeEnd(3)], 'PROTOCOL_ERROR'],
  ['credit for a stream never opened', [codec.encodeCredit(3, 5)], 'PROTOCOL_ERROR'],
  ['a reset of a stream never opened', [codec.encodeReset(3, { code: 'X', message: '' })], 'PROTOCOL_ERROR'],
  ['a frame for a stream that we never opened', [codec.encodeCredit(2, 5)], 'PROTOCOL_ERROR'],
  ['a stream id used twice', [open, open], 'PROTOCOL_ERROR'],
  ['a stream id from our range', [codec.encodeOpen(2, 0, empty)], 'PROTOCOL_ERROR'],
  ['stream id 0', [codec.encodeOpen(0, 0, empty)], 'PROTOCOL_ERROR'],
  ['a smaller stream id', [codec.encodeOpen(5, 0, empty), open], 'PROTOCOL_ERROR'],
  ['data up to the credit', [open, data(1, 65536)], 'none'],
  ['data beyond the credit', [open, data(1, 65536), data(1, 1)], 'PROTOCOL_ERROR'],
  ['data without bytes', [open, data(1, 0)], 'PROTOCOL_ERROR'],
  ['data after the end', [open, codec.encodeEnd(1), data(1, 1)], 'PROTOCOL_ERROR'],
  ['two ends', [open, codec.encodeEnd(1), codec.encodeEnd(1)], 'PROTOCOL_ERROR'],
  ['data after a reset', [open, codec.encodeReset(1, { code: 'X', message: '' }), data(1, 1)], 'PROTOCOL_ERROR'],
  ['a second reset', [open, ...Array(2).fill(codec.encodeReset(1, { code: 'X', message: '' }))], 'none'],
  ['credit overflow', [open, codec.encodeCredit(1, 0x7fffffff)], 'PROTOCOL_ERROR'],
  ['a window that is too large', [codec.encodeOpen(1, 0xffffffff, empty)], 'PROTOCOL_ERROR'],
  ['credit of zero', [open, codec.encodeCredit(1, 0)], 'PROTOCOL_ERROR'],
  ['a request id used twice', Array(2).fill(codec.encodeRequest(1, 0, empty)), 'PROTOCOL_ERROR'],
  ['request id 0', [codec.encodeRequest(0, 0, empty)], 'PROTOCOL_ERROR'],
  ['a response without a request', [codec.encodeResponse(1, empty)], 'PROTOCOL_ERROR'],
  ['an acknowledgement of frames never sent', [encodeAck(1000)], 'PROTOCOL_ERROR'],
  ['a truncated request', [encodeFrame(FRAME.REQUEST, Uint8Array.of(1))], 'PROTOCOL_ERROR'],
  ['a malformed ping', [encodeFrame(FRAME.PING, empty)], 'PROTOCOL_ERROR'],
  ['a frame that is too large', [open, Uint8Array.of(255, 255, 255, 255)], 'FRAME_TOO_LARGE'],
  ['a notification that is too long', [codec.encodeNotify(1, new Uint8Array(70_000))], 'LIMIT']
]

test.each(cases)('%s', async (_what, frames, code) => {
  expect(await verdict(frames, window)).toBe(code)
})

test('refused streams that are never confirmed close the session', async () => {
  const frames = Array.from({ length: 40 }, (_, i) => codec.encodeOpen(i * 2 + 1, 0, empty))
  expect(await verdict(frames, { maxStreams: 4 })).toBe('LIMIT')
  expect(await verdict(frames.slice(0, 10), { maxStreams: 4 })).toBe('none')
})

test('the session of a peer that provokes replies and acknowledges none is closed', async () => {
  const limits = { maxControlBytes: 16 * 1024, maxRequests: 0 }
  const frames = Array.from({ length: 900 }, (_, i) => codec.encodeRequest(i + 1, 0, empty))
  expect(await verdict(frames, limits)).toBe('BUFFER_LIMIT')
})

test('responses that are never acknowledged are bounded by the requests in flight', async () => {
  const { session, wire, send } = victim({ maxRequests: 10 })
  for (let i = 1; i <= 100; i++) send(codec.encodeRequest(i, 0, new Uint8Array(1000)))
  await until(() => session.stats.requestsRefused === 90)
  await turns(5)
  expect(session.stats.requestsActive).toBe(10)
  expect(session.stats.responseBytes).toBeLessThan(10 * 1100)
  session.destroy()
  wire.destroy()
})

test('data for a stream that we have reset is dropped, even if the peer never confirms the reset', async () => {
  const { session, wire, send } = victim()
  send(open)
  await until(() => session.streams.size === 1)
  session.streams.get(1)?.destroy()
  const dataBefore = session.received
  for (let i = 0; i < 10; i++) send(data(1, 5000))
  await until(() => session.received === dataBefore + 10)
  expect(session.stats).toMatchObject({ streams: 1, unreadBytes: 0 })
  for (let i = 0; i < 200; i++) send(data(1, 5000))
  await until(() => session.destroyed)
  expect(session.error?.code).toBe('PROTOCOL_ERROR')
  wire.destroy()
})

test('a window of single bytes does not keep their chunks alive', async () => {
  const { session, wire, send } = victim()
  send(open)
  collectGarbage()
  const before = process.memoryUsage().arrayBuffers
  for (let i = 0; i < 200; i++) {
    // Each wire chunk is large, and almost none of it is payload.
    const filler = codec.encodeCredit(1, 1)
    send(Buffer.concat([data(1, 1), ...Array(7000).fill(filler)]))
    await turns(1)
  }
  await until(() => session.stats.unreadBytes === 200)
  collectGarbage()
  // 200 chunks of 91 kB are 18 MB.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024)
  expect(session.error).toBe(null)
  expect(session.stats.unreadBytes).toBe(200)
  session.destroy()
  wire.destroy()
})

/** A frame that is often almost valid. */
function someFrame(below: (n: number) => number): Uint8Array {
  const types = [...Object.values(FRAME), below(256)]
  const id = below(12)
  const bytes = Uint8Array.from({ length: below(60) }, () => below(256))
  const made = [
    () => encodeFrame(types[below(types.length)] as number, bytes),
    () => codec.encodeOpen(id, below(100_000), bytes),
    () => data(id, below(3000)),
    () => codec.encodeCredit(id, 1 + below(1000)),
    () => codec.encodeEnd(id),
    () => codec.encodeReset(id, { code: 'FUZZ', message: 'x' }),
    () => codec.encodeRequest(below(200), below(10), bytes),
    () => codec.encodeResponse(below(3), bytes),
    () => codec.encodeNotify(below(10), bytes),
    () => encodeAck(below(4))
  ]
  const frame = (made[below(made.length)] as () => Uint8Array)()
  return below(20) === 0 ? frame.subarray(0, below(frame.byteLength)) : frame
}

test('10,000 random frames: always a typed error, never a throw, an honest session beside it unharmed', async () => {
  const below = randomFrom(42)
  const seen = new Set<string>()
  const honest = new Rig({}, { onRequest: (_op, body) => body, limits: { requestsPerSecond: 1e6 } }).connect()
  let frames = 0
  while (frames < 10_000) {
    const { session, wire, send } = victim()
    while (session.error === null && session.attached && frames < 10_000) {
      for (let i = 0; i < 5; i++, frames++) send(someFrame(below))
      await turns(1)
      for (const stream of session.streams.values()) if (below(10) === 0) stream.destroy()
    }
    if (session.error !== null) {
      expect(session.error).toBeInstanceOf(ProxyError)
      expect(isErrorCode(session.error.code)).toBe(true)
      seen.add(session.error.code)
    }
    session.destroy()
    wire.destroy()
    expect(await honest.a.request(1, Uint8Array.of(frames & 255))).toEqual(Buffer.of(frames & 255))
  }
  honest.destroy()
  expect(seen.has('PROTOCOL_ERROR')).toBe(true)
  expect([...seen]).not.toContain('INTERNAL')
})
