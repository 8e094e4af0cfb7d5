import { Duplex } from 'node:stream'
import type { PeerStream } from '@swarmway/proxy-protocol'
import { Link, Session, systemClock } from '@swarmway/proxy-protocol'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { type FakeUdx, fakeUdx, WINDOW_WORD } from '../../../../swarm/test/support/fake-udx.js'
import type { RawStream } from '../../../src/dht/hyperdht.js'
import { BufferBudget } from '../../../src/streams/budget.js'
import { NativePump } from '../../../src/streams/native-pump.js'
import { pair } from '../../support/pair.js'
import { EMPTY, next } from '../../support/test-client.js'

const PACKET_BYTES = 1200
const KIB = 1024
const MIB = 1024 * KIB

/** A raw stream whose other side is the test; it accepts only as much as the test allows. */
class FakeRaw extends Duplex {
  readonly remoteHost = '127.0.0.1'
  readonly rtt = 0
  readonly udx: FakeUdx
  readonly _view: Uint32Array
  readonly taken: Uint8Array[] = []
  #held: (() => void)[] = []
  isHeld = false

  constructor(udx: FakeUdx) {
    super({ highWaterMark: 64 * KIB, allowHalfOpen: true })
    this.udx = udx
    const stream = udx.createStream(3)
    this._view = stream._view
    this.on('error', () => {})
    this.on('close', () => stream.destroy())
  }

  /** The window that the sender is told. */
  get windowBytes(): number {
    return this._view[WINDOW_WORD] ?? 0
  }

  get destroying(): boolean {
    return this.destroyed
  }

  trySend(): void {}

  override _read(): void {}

  override _write(chunk: Uint8Array, _: string, callback: () => void): void {
    this.taken.push(chunk)
    if (this.isHeld) this.#held.push(callback)
    else callback()
  }

  /** Sends packets as a peer does that respects the window, until it has to wait or has sent `bytes`. */
  offer(bytes: number): number {
    let sent = 0
    for (; sent < bytes && this.windowBytes >= PACKET_BYTES; sent += PACKET_BYTES)
      this.push(new Uint8Array(PACKET_BYTES))
    return sent
  }

  release(): void {
    this.isHeld = false
    for (const callback of this.#held.splice(0)) callback()
  }
}

interface PumpedOptions {
  maxStreamBufferBytes?: number
  maxBufferedBytes?: number
  udx?: FakeUdx
}

/** A pump between a fake raw stream and a stream to a client. */
async function pumped({
  maxStreamBufferBytes = MIB,
  maxBufferedBytes = 64 * MIB,
  udx = fakeUdx()
}: PumpedOptions = {}) {
  let client: PeerStream | null = null
  // Fixed, so that the last stall holds no more than the first.
  const limits = { streamWindowBytes: 256 * KIB }
  const remote = new Session({
    isInitiator: true,
    limits,
    onStream: (stream) => {
      client = stream
    }
  })
  const local = new Session({ isInitiator: false, limits })
  const [a, b] = pair()
  remote.attach(new Link(a), 0)
  local.attach(new Link(b), 0)
  const stream = local.openStream(EMPTY)
  const raw = new FakeRaw(udx)
  const clock = systemClock
  const budget = new BufferBudget(maxBufferedBytes, clock)
  onTestFinished(() => {
    remote.destroy()
    local.destroy()
    budget.destroy()
  })
  const options = { maxStreamBufferBytes, owner: { network: '127.0.0.1' }, budget, clock }
  const pump = new NativePump(raw as unknown as RawStream, stream, options)
  await until(() => client !== null && udx.openSockets === 0)
  return { raw, stream, budget, pump, client: client as unknown as PeerStream }
}

test('bytes and ends pass in both directions', async () => {
  const { budget, client, raw } = await pumped()
  raw.push(Uint8Array.of(1, 2))
  expect([...(await next(client))]).toEqual([1, 2])
  client.write(Uint8Array.of(3))
  await until(() => raw.taken.length === 1)
  raw.push(null)
  await new Promise<void>((resolve) => client.once('end', () => resolve()))
  client.write(Uint8Array.of(4))
  client.end()
  await until(() => raw.writableFinished)
  expect(raw.taken.map((chunk) => [...chunk])).toEqual([[3], [4]])
  await until(() => client.destroyed)
  expect(budget.bufferedBytes).toBe(0)
})

test('a native peer that accepts nothing holds the client back every time', async () => {
  const { client, pump, raw } = await pumped()
  for (let round = 0; round < 5; round++) {
    raw.isHeld = true
    let most = 0
    for (let i = 0; i < 64; i++) {
      client.write(new Uint8Array(64 * 1024))
      await new Promise((resolve) => setImmediate(resolve))
      most = Math.max(most, pump.bufferedBytes)
    }
    expect(most).toBeLessThan(700 * 1024)
    expect(client.bufferedBytes).toBeGreaterThan(1024 * 1024)
    raw.release()
    await until(() => client.bufferedBytes === 0 && pump.bufferedBytes === 0)
  }
})

test('a client that reads nothing: the native peer has to wait, and resumes when the client reads, every time', async () => {
  const { client, pump, raw } = await pumped()
  let received = 0
  let sent = 0
  client.on('data', (chunk) => {
    received += chunk.byteLength
  })
  for (let round = 0; round < 5; round++) {
    client.pause()
    const before = sent
    while (raw.windowBytes >= PACKET_BYTES) {
      sent += raw.offer(64 * KIB)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(raw.isPaused(), 'the stream of the native peer').toBe(true)
    expect(sent - before).toBeLessThan(2 * MIB)
    expect(pump.bufferedBytes).toBeLessThan(MIB)
    client.resume()
    await until(() => received === sent && pump.bufferedBytes === 0)
    expect(raw.windowBytes).toBeGreaterThan(128 * KIB)
  }
  expect([client.destroyed, raw.destroyed]).toEqual([false, false])
})

test('without a window, what a client does not read grows to the limit, and then both sides end', async () => {
  const { client, pump, raw } = await pumped({ maxStreamBufferBytes: 256 * KIB, udx: fakeUdx({ windowWords: [] }) })
  const reset = new Promise((resolve) => client.once('error', resolve))
  let most = 0
  while (!raw.destroyed) {
    for (let i = 0; i < 50; i++) raw.push(new Uint8Array(PACKET_BYTES))
    most = Math.max(most, pump.bufferedBytes)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await reset).toMatchObject({ code: 'BUFFER_LIMIT' })
  expect(most, 'what the client was given to read counts to its own window').toBeGreaterThan(256 * KIB)
  expect(most).toBeLessThan(2 * MIB)
})

test('a native peer that ignores the window is cut off at the limit', async () => {
  const { client, raw } = await pumped({ maxStreamBufferBytes: 256 * KIB })
  const reset = new Promise((resolve) => client.once('error', resolve))
  while (!raw.destroyed) {
    for (let i = 0; i < 50; i++) raw.push(new Uint8Array(PACKET_BYTES))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await reset).toMatchObject({ code: 'BUFFER_LIMIT' })
})

test('the budget of the server cuts off the stream with the most waiting bytes', async () => {
  const { client, raw } = await pumped({ maxStreamBufferBytes: 64 * MIB, maxBufferedBytes: 512 * KIB })
  const reset = new Promise((resolve) => client.once('error', resolve))
  for (let i = 0; i < 2000; i++) raw.push(new Uint8Array(PACKET_BYTES))
  expect(await reset).toMatchObject({ code: 'BUFFER_LIMIT' })
})

test('the end of either side ends the other', async () => {
  const lost = await pumped()
  const reset = new Promise((resolve) => lost.client.once('error', resolve))
  lost.raw.destroy(new Error('ECONNRESET'))
  expect(await reset).toMatchObject({ code: 'STREAM_RESET' })
  const left = await pumped()
  left.client.destroy()
  await until(() => left.raw.destroyed)
  expect(left.budget.bufferedBytes).toBe(0)
})

test('a single packet is sent at once; in a stream of many, the packets of a turn are sent together', async () => {
  const { client, raw, stream } = await pumped()
  let received = 0
  client.on('data', (chunk) => {
    received += chunk.byteLength
  })
  const writes: number[] = []
  const write = stream.write.bind(stream)
  stream.write = (chunk: Uint8Array) => {
    writes.push(chunk.byteLength)
    return write(chunk)
  }
  const turn = async (packets: number): Promise<number[]> => {
    const before = received
    writes.length = 0
    for (let i = 0; i < packets; i++) raw.emit('data', new Uint8Array(100))
    await until(() => received === before + packets * 100)
    return [...writes]
  }
  expect(await turn(1), 'alone').toEqual([100])
  expect(await turn(10), 'the first of many does not wait').toEqual([100, 900])
  expect(await turn(10), 'many after many: sent in one write').toEqual([1000])
  await turn(1)
  expect(await turn(1), 'alone again').toEqual([100])
})
