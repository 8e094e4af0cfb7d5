/** What a page does with a channel for a worker that cannot have it; see port-channel.test.ts for both ends together. */
import { MessageChannel } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { FakeChannel } from '../../../../swarm/test/support/fake-rtc.js'
import { forward } from '../../../src/worker-rtc/forward.js'
import type { DataChannel, Port } from '../../../src/worker-rtc/messages.js'

/** A page's channel, and what its worker is told. */
function setUp(channel = new FakeChannel()) {
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => port2.close())
  const told: unknown[] = []
  port2.on('message', (message) => told.push(message))
  forward(channel as DataChannel, port1 as unknown as Port)
  const receive = (data: unknown) => channel.onmessage?.({ data } as never)
  return { channel, receive, told, worker: port2 }
}

test('an open channel says so at once', async () => {
  const open = new FakeChannel()
  open.open()
  const { told } = setUp(open)
  await until(() => told.length === 1)
  expect(told).toEqual(['open'])
})

test('bytes are passed on; texts, which would be taken for news of the page, are not', async () => {
  const { channel, receive, told } = setUp()
  expect(channel.binaryType).toBe('arraybuffer')
  receive('closed')
  receive(5)
  receive(new ArrayBuffer(3))
  await until(() => told.length > 0)
  expect(told).toEqual([new ArrayBuffer(3)])
})

test('the worker is told how many bytes have left, when there is room', async () => {
  const { channel, told, worker } = setUp()
  channel.held = []
  for (let i = 0; i < 3; i++) worker.postMessage(new ArrayBuffer(200_000))
  await until(() => channel.bufferedAmount === 600_000)
  channel.flush()
  await until(() => told.length === 2)
  // The first did not fill the channel.
  expect(told).toEqual([0, 600_000])
})

test('the worker closes it, and is told when it is closed', async () => {
  const { channel, told, worker } = setUp()
  worker.postMessage(null)
  await until(() => told.length === 1)
  expect([channel.readyState, told]).toEqual(['closed', ['closed']])
})
