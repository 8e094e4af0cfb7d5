import { expect, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { ChannelTransport } from '../../../../src/paths/direct/channel-transport.js'
import { FakeChannel } from '../../../support/fake-rtc.js'

const MEBIBYTE = 1024 * 1024

/** A channel that keeps what it is sent, and how large the largest message is after it took so long to take a mebibyte. */
function setUp(maxMessageSize = 262_144) {
  const clock = new FakeClock()
  const channel = new FakeChannel()
  channel.readyState = 'open'
  channel.held = []
  const transport = new ChannelTransport(channel, maxMessageSize, clock, () => {})
  transport.listen({ onData() {}, onControl() {}, onWritable() {}, onClosed() {} })
  const takeMebibyte = async (ms: number) => {
    while (transport.isWritable) transport.sendData([new Uint8Array(transport.maxDataBytes)])
    expect(channel.bufferedAmount).toBeGreaterThanOrEqual(MEBIBYTE)
    await clock.advance(ms)
    channel.flush()
    return transport.maxDataBytes + 1
  }
  return { takeMebibyte, transport }
}

test('a line gets large messages while it is fast, and small ones first and when it is slow', async () => {
  const { takeMebibyte, transport } = setUp()
  // A chunk of 64 KiB, encrypted, fits.
  expect(transport.maxDataBytes + 1).toBe(72 * 1024)
  expect(await takeMebibyte(199)).toBe(256 * 1024)
  expect(await takeMebibyte(201)).toBe(72 * 1024)
  expect(await takeMebibyte(10)).toBe(256 * 1024)
})

test('no message is larger than the other side takes', async () => {
  const { takeMebibyte } = setUp(100_000)
  expect(await takeMebibyte(10)).toBe(100_000)
})
