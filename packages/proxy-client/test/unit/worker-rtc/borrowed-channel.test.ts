import { expect, test } from 'vitest'
import { FakeChannel } from '../../../../swarm/test/support/fake-rtc.js'
import { BorrowedChannel } from '../../../src/worker-rtc/borrowed-channel.js'
import type { DataChannel } from '../../../src/worker-rtc/messages.js'

/** A channel whose events the test raises. */
function realChannel() {
  const real = new FakeChannel('label')
  const raise = (data: ArrayBuffer) => real.onmessage?.({ data } as never)
  return { real, asChannel: real as DataChannel, raise }
}

// Chromium delivers messages to a channel that was handed over before it says that it is open.
test('what comes before it is open waits, because nothing can be sent in answer', () => {
  const { real, asChannel, raise } = realChannel()
  const channel = new BorrowedChannel('label')
  const events: string[] = []
  channel.onopen = () => {
    events.push('open')
    channel.onmessage = ({ data }: { data: ArrayBuffer }) => events.push(`${data.byteLength} bytes`)
  }
  channel.attach(asChannel)
  raise(new ArrayBuffer(3))
  raise(new ArrayBuffer(4))
  expect([events, channel.readyState]).toEqual([[], 'connecting'])
  real.open()
  raise(new ArrayBuffer(5))
  expect([events, channel.readyState]).toEqual([['open', '3 bytes', '4 bytes', '5 bytes'], 'open'])
})

test('one that was closed before the page had made it is closed when it has', () => {
  const { real, asChannel } = realChannel()
  const channel = new BorrowedChannel('label')
  channel.close()
  channel.attach(asChannel)
  expect([channel.readyState, real.readyState]).toEqual(['closed', 'closed'])
})

test('one that is open already when the page hands it over is open', () => {
  const { real, asChannel } = realChannel()
  real.open()
  const channel = new BorrowedChannel('label')
  let openings = 0
  channel.onopen = () => openings++
  channel.bufferedAmountLowThreshold = 5
  channel.attach(asChannel)
  real.open()
  expect([openings, channel.readyState, real.bufferedAmountLowThreshold]).toEqual([1, 'open', 5])
})
