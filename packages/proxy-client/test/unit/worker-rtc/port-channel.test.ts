/** A data channel that a page passes on through a port. Node's ports are like those of browsers. */
import { MessageChannel } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { FakeChannel } from '../../../../swarm/test/support/fake-rtc.js'
import { forward } from '../../../src/worker-rtc/forward.js'
import type { DataChannel, Port } from '../../../src/worker-rtc/messages.js'
import { PortChannel } from '../../../src/worker-rtc/port-channel.js'

const LOW_BYTES = 256 * 1024

/** A channel in a page, the one that its worker has of it, and the channel of the peer. */
function setUp() {
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => port1.close())
  const real = new FakeChannel()
  const peer = new FakeChannel()
  real.peer = peer
  peer.peer = real
  forward(real as DataChannel, port1 as unknown as Port)
  const channel = new PortChannel('label', port2 as unknown as Port)
  const received: number[] = []
  peer.onmessage = ({ data }: { data: ArrayBuffer }) => received.push(data.byteLength)
  return { channel, real, peer, received }
}

async function opened() {
  const all = setUp()
  for (const one of [all.real, all.peer]) one.open()
  await until(() => all.channel.readyState === 'open')
  return all
}

test('it opens, carries messages both ways, and closes', async () => {
  const { channel, peer, received } = setUp()
  const events: string[] = []
  channel.onopen = () => events.push('open')
  channel.onclose = () => events.push('close')
  channel.onmessage = ({ data }: { data: ArrayBuffer }) => events.push(`${data.byteLength} bytes`)
  expect(channel.readyState).toBe('connecting')
  for (const one of [peer.peer, peer]) one?.open()
  await until(() => channel.readyState === 'open')
  channel.send(new Uint8Array(7))
  await until(() => received.length === 1)
  peer.send(new Uint8Array(9))
  await until(() => events.length === 2)
  peer.close()
  await until(() => channel.readyState === 'closed')
  expect([events, received]).toEqual([['open', '9 bytes', 'close'], [7]])
})

test('what is sent before it is closed still arrives', async () => {
  const { channel, peer, received } = await opened()
  for (let i = 1; i <= 50; i++) channel.send(new Uint8Array(i))
  channel.close()
  expect(channel.readyState).toBe('closing')
  await until(() => peer.readyState === 'closed')
  expect(received).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
})

test('the sender may use its bytes again', async () => {
  const { channel, peer } = await opened()
  const firsts: (number | undefined)[] = []
  peer.onmessage = ({ data }: { data: ArrayBuffer }) => firsts.push(new Uint8Array(data)[0])
  const bytes = Uint8Array.of(1)
  channel.send(bytes)
  bytes[0] = 2
  channel.send(bytes)
  await until(() => firsts.length === 2)
  expect(firsts).toEqual([1, 2])
})

test('bufferedAmount counts what has not left the page, and says when it is low', async () => {
  const { channel, real } = await opened()
  let lows = 0
  channel.onbufferedamountlow = () => lows++
  channel.bufferedAmountLowThreshold = LOW_BYTES
  real.held = []
  for (let i = 0; i < 8; i++) channel.send(new Uint8Array(100_000))
  await until(() => real.bufferedAmount === 800_000)
  expect(channel.bufferedAmount).toBeGreaterThan(500_000)
  expect(lows).toBe(0)
  real.flush()
  await until(() => lows === 1)
  expect(channel.bufferedAmount).toBe(0)
})

test('a channel that cannot send closes, and says so', async () => {
  const { channel, real } = await opened()
  real.send = () => {
    throw new Error('the queue is full')
  }
  channel.send(new Uint8Array(5))
  await until(() => channel.readyState === 'closed')
  expect(real.readyState).toBe('closed')
})

test('it closes with its page', async () => {
  const { port1, port2 } = new MessageChannel()
  const channel = new PortChannel('label', port2 as unknown as Port)
  let closings = 0
  channel.onclose = () => closings++
  port1.close()
  await until(() => channel.readyState === 'closed')
  expect(closings).toBe(1)
})
