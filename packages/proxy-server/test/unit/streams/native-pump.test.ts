import { Duplex } from 'node:stream'
import type { PeerStream } from '@swarmway/proxy-protocol'
import { Link, Session, systemClock } from '@swarmway/proxy-protocol'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import type { RawStream } from '../../../src/dht/hyperdht.js'
import { BufferBudget } from '../../../src/streams/budget.js'
import { NativePump } from '../../../src/streams/native-pump.js'
import { pair } from '../../support/pair.js'
import { EMPTY, next } from '../../support/test-client.js'

/** A raw stream whose other side is the test; it accepts only as much as the test allows. */
class FakeRaw extends Duplex {
  readonly remoteHost = '127.0.0.1'
  readonly taken: Uint8Array[] = []
  #held: (() => void)[] = []
  isHeld = false

  constructor() {
    super({ highWaterMark: 64 * 1024, allowHalfOpen: true })
    this.on('error', () => {})
  }

  get destroying(): boolean {
    return this.destroyed
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _: string, callback: () => void): void {
    this.taken.push(chunk)
    if (this.isHeld) this.#held.push(callback)
    else callback()
  }

  release(): void {
    this.isHeld = false
    for (const callback of this.#held.splice(0)) callback()
  }
}

/** A pump between a fake raw stream and a stream to a client. */
async function pumped(maxStreamBufferBytes = 1024 * 1024, maxBufferedBytes = 64 * 1024 * 1024) {
  let client: PeerStream | null = null
  const remote = new Session({
    isInitiator: true,
    onStream: (stream) => {
      client = stream
    }
  })
  const local = new Session({ isInitiator: false })
  const [a, b] = pair()
  remote.attach(new Link(a), 0)
  local.attach(new Link(b), 0)
  const stream = local.openStream(EMPTY)
  const raw = new FakeRaw()
  const budget = new BufferBudget(maxBufferedBytes, systemClock)
  onTestFinished(() => {
    remote.destroy()
    local.destroy()
    budget.destroy()
  })
  const pump = new NativePump(raw as unknown as RawStream, stream, { maxStreamBufferBytes, budget })
  await until(() => client !== null)
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

test('a client that reads nothing: the backlog grows to the limit, then both sides end', async () => {
  const { client, raw } = await pumped(256 * 1024)
  const reset = new Promise((resolve) => client.once('error', resolve))
  for (let i = 0; i < 2000; i++) raw.push(new Uint8Array(1200))
  expect(await reset).toMatchObject({ code: 'BUFFER_LIMIT' })
  await until(() => raw.destroyed)
})

test('the budget of the server cuts off the stream with the most waiting bytes', async () => {
  const { client, raw } = await pumped(64 * 1024 * 1024, 512 * 1024)
  const reset = new Promise((resolve) => client.once('error', resolve))
  for (let i = 0; i < 2000; i++) raw.push(new Uint8Array(1200))
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
