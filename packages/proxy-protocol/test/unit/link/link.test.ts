import net from 'node:net'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { DEFAULT_LIMITS, encodeFrame, FRAME, Link, monotonicMs, ProxyError } from '../../../src/index.js'
import { encodePing } from '../../../src/wire/link-frames.js'
import { wire } from '../../support/helpers.js'
import { linkPair as pair, Recorder } from '../../support/link-pair.js'

test('frames of one turn go out in one write, in order', async () => {
  const { a, b, rb, ends } = pair()
  let writes = 0
  const write = ends[0].write.bind(ends[0])
  ends[0].write = (chunk: unknown) => {
    writes++
    return write(chunk)
  }
  for (let i = 0; i < 20; i++) a.send(encodeFrame(0x30 + i, new Uint8Array(i)))
  await until(() => rb.frames.length === 20)
  expect(writes).toBe(1)
  expect(rb.frames).toEqual(Array.from({ length: 20 }, (_, i) => [0x30 + i, i]))
  expect(a.bytesOut).toBe(b.bytesIn)
  expect([a.framesOut, b.framesIn]).toEqual([20, 20])
  a.destroy()
  await b.closed
})

test.each([
  ['64 KiB by default', undefined, [64 * 1024, 32 * 1024]],
  ['flushBytes', 32 * 1024, [32 * 1024, 32 * 1024, 32 * 1024]]
])('a turn writes as soon as it has %s', async (_, flushBytes, expected) => {
  const { a, ends } = pair({ flushBytes })
  const written: number[] = []
  ends[0].uncork = () => void written.push(a.bytesOut)
  for (let i = 0; i < 3; i++) a.send(encodeFrame(0x30, new Uint8Array(32 * 1024 - 5)))
  await turns(2)
  expect(written.map((total, i) => total - (written[i - 1] ?? 0))).toEqual(expected)
  a.destroy()
})

test('a large payload is written without copying', async () => {
  const { a, b, ends } = pair()
  const payload = new Uint8Array(70_000)
  const written: unknown[] = []
  const write = ends[0].write.bind(ends[0])
  ends[0].write = (chunk: unknown) => {
    written.push(chunk)
    return write(chunk)
  }
  a.send(new Uint8Array(5), payload)
  a.flush()
  expect(written).toContain(payload)
  a.destroy()
  b.destroy()
})

test('back-pressure: not writable while the duplex is full, onDrain every time', async () => {
  const { a, b, ra, rb, ends } = pair({ limits: { linkHighWaterMark: 0 } })
  const frame = encodeFrame(0x30, new Uint8Array(100_000))
  for (let round = 1; round <= 100; round++) {
    ends[1].pause()
    while (a.writable) a.send(frame)
    const drains = ra.drains
    ends[1].resume()
    await until(() => ra.drains > drains && a.writable)
  }
  expect(rb.frames.length).toBeGreaterThanOrEqual(100)
  a.destroy()
  b.destroy()
})

test('pings are answered and measured; silence is noticed within 15 s', async () => {
  const clock = new FakeClock()
  const { a, b, ra, ends } = pair({ clock })
  await clock.advance(60_000)
  expect([a.error, b.error]).toEqual([null, null])
  expect(a.rttMs).toBeGreaterThanOrEqual(0)
  ends[0].blackhole = ends[1].blackhole = true
  await clock.advance(15_000)
  expect(ra.closed?.code).toBe('LINK_TIMEOUT')
  expect(b.error?.code).toBe('LINK_TIMEOUT')
  expect(clock.liveTimers).toBe(0)
})

test('the ping interval and the number of misses are options', async () => {
  const clock = new FakeClock()
  const { a, b, ends } = pair({ clock, limits: { pingIntervalMs: 100, pingMisses: 1 } })
  ends[0].blackhole = ends[1].blackhole = true
  await clock.advance(200)
  expect(a.error?.code).toBe('LINK_TIMEOUT')
  b.destroy()
})

test('with keepsAlive, a link carries something in each interval, in both directions', async () => {
  const clock = new FakeClock()
  const ends = wire()
  const a = new Link(ends[0], null, { clock, keepsAlive: true })
  const b = new Link(ends[1], null, { clock })
  const { pingIntervalMs } = DEFAULT_LIMITS
  // Traffic does not put off a ping: the next would come almost two intervals later.
  b.send(encodePing(FRAME.PING, 7))
  await until(() => b.framesIn === 1)
  for (let i = 2; i <= 10; i++) {
    await clock.advance(pingIntervalMs)
    await until(() => a.framesIn === i)
    expect([a.framesOut, b.framesOut]).toEqual([i, i])
  }
  a.destroy()
  b.destroy()
})

test('a machine that slept does not blame its links', async () => {
  const clock = new FakeClock()
  const { a, b } = pair({ clock })
  const now = clock.now.bind(clock)
  clock.now = () => monotonicMs(now() + 3_600_000)
  await clock.advance(4000)
  expect(a.error).toBe(null)
  a.destroy()
  b.destroy()
})

test('pings to a stalled link are answered once', async () => {
  const { a, b, ends } = pair({ limits: { linkHighWaterMark: 0 } })
  ends[0].pause()
  while (b.writable) b.send(encodeFrame(0x30, new Uint8Array(100_000)))
  const before = b.framesOut
  for (let id = 0; id < 1000; id++) a.send(encodePing(FRAME.PING, id))
  await until(() => b.framesIn === 1000)
  expect(b.framesOut).toBe(before)
  ends[0].resume()
  await until(() => b.framesOut === before + 1)
  a.destroy()
  b.destroy()
})

test('GOODBYE gives the other side the code and the reason', async () => {
  const { a, b, rb } = pair()
  a.close(new ProxyError('SERVER_CLOSING', 'maintenance'))
  a.close(new ProxyError('INTERNAL', 'ignored'))
  const error = await b.closed
  expect(error).toMatchObject({ code: 'SERVER_CLOSING', message: 'maintenance', remote: true })
  expect(rb.closed).toBe(error)
  expect((await a.closed).remote).toBe(false)
})

test('a closing link whose peer does not go away is destroyed after lingerMs', async () => {
  const clock = new FakeClock()
  const { a, b, ends } = pair({ clock, limits: { lingerMs: 500 } })
  ends[0].blackhole = true
  a.close(new ProxyError('SERVER_CLOSING', ''))
  await clock.advance(499)
  expect(ends[0].destroying).toBe(false)
  await clock.advance(1)
  expect(ends[0].destroying).toBe(true)
  b.destroy()
  expect(clock.liveTimers).toBe(0)
})

test('errors and ends of the duplex end the link once, without an exception', async () => {
  const first = pair()
  first.ends[0].destroy(new Error('boom'))
  expect(await first.a.closed).toMatchObject({ code: 'LINK_CLOSED', message: 'the duplex failed: boom' })
  expect((await first.b.closed).code).toBe('LINK_CLOSED')
  const second = pair()
  second.ends[0].end(undefined)
  expect((await second.b.closed).message).toBe('the duplex ended')
  second.b.destroy()
  second.b.destroy(new ProxyError('INTERNAL', 'late'))
  expect(second.b.error?.code).toBe('LINK_CLOSED')
  second.a.destroy()
})

test('a duplex that throws on write ends the link', () => {
  const [end] = wire()
  end.write = () => {
    throw new Error('write after end')
  }
  const link = new Link(end)
  link.send(new Uint8Array(5))
  link.flush()
  expect(link.error?.code).toBe('LINK_CLOSED')
})

test('all listeners except the one for errors are removed', async () => {
  const { a, b, ends } = pair()
  const before = ends[0].listenerCount('error')
  a.destroy()
  await b.closed
  for (const event of ['data', 'drain', 'end', 'close']) expect(ends[0].listenerCount(event)).toBe(0)
  expect(ends[0].listenerCount('error')).toBe(before)
})

test('something other than a proxy is NOT_A_PROXY', async () => {
  const [end, other] = wire()
  const link = new Link(end)
  other.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))
  expect((await link.closed).code).toBe('NOT_A_PROXY')
  other.destroy()
})

test('strings instead of bytes end the link', async () => {
  const [end, other] = wire()
  const link = new Link(end)
  other.write('text')
  expect((await link.closed).code).toBe('LINK_CLOSED')
})

test('the frame limit can change, and is checked after the first frame as FRAME_TOO_LARGE', async () => {
  const { a, b, rb } = pair()
  b.maxFrameBytes = 100
  expect(b.maxFrameBytes).toBe(100)
  a.send(encodeFrame(0x30, new Uint8Array(10)))
  await until(() => rb.frames.length === 1)
  a.send(encodeFrame(0x30, new Uint8Array(200)))
  expect((await b.closed).code).toBe('FRAME_TOO_LARGE')
  expect(await a.closed).toMatchObject({ code: 'FRAME_TOO_LARGE', remote: true })
})

test('over a TCP socket in Node', async () => {
  const received: number[] = []
  const server = net.createServer((socket) => {
    const link = new Link(socket, { onFrame: (type, body) => received.push(type, body.byteLength) })
    link.send(encodeFrame(0x31, new Uint8Array(10)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1')
  const recorder = new Recorder()
  const client = new Link(socket, recorder)
  client.send(encodeFrame(0x32, new Uint8Array(100_000)))
  await until(() => received.length > 0 && recorder.frames.length > 0)
  expect(received).toEqual([0x32, 100_000])
  client.close(new ProxyError('DESTROYED', 'bye'))
  await new Promise((resolve) => server.close(resolve))
  await turns(2)
})

test('a duplex that encrypts is told which bytes are data of streams, in their place among the others', () => {
  const written: [way: string, bytes: number][] = []
  const write = (way: string) => (chunk: Uint8Array) => written.push([way, chunk.byteLength]) > 0
  const [near] = wire()
  const duplex = Object.assign(near, { write: write('write'), writePayload: write('writePayload') })
  const link = new Link(duplex)
  const [head, large, small] = [new Uint8Array(9), new Uint8Array(20_000), new Uint8Array(100)]
  link.queue(head, large)
  link.queue(head, small)
  link.queue(new Uint8Array(30_000))
  link.flush()
  expect(written).toEqual([
    ['write', 9],
    ['writePayload', 20_000],
    // Too small to be worth a write of its own.
    ['write', 109],
    ['write', 30_000]
  ])
  link.destroy()
})
