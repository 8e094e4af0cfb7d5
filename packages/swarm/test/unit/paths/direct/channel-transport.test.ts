import { expect, test } from 'vitest'
import { channelTransport } from '../../../../src/paths/direct/channel-transport.js'
import { FRAME_KIND } from '../../../../src/paths/frame-reader.js'
import { FakeChannel } from '../../../support/fake-rtc.js'

/** A channel that keeps what it is sent, and what takes it over a line. */
function setUp(maxMessageSize = 262_144) {
  const channel = new FakeChannel()
  channel.readyState = 'open'
  channel.held = []
  const transport = channelTransport(channel, maxMessageSize, () => {})
  transport.listen({ onData() {}, onControl() {}, onWritable() {}, onClosed() {} })
  const fill = () => {
    while (transport.isWritable) transport.send(FRAME_KIND.data, [new Uint8Array(transport.maxDataBytes)])
  }
  return { channel, fill }
}

// On a fast line they had 256 KiB: when it became slow, one took longer than the silence after which a path is given up.
test('messages have 72 KiB at most, however fast the line was', () => {
  const { channel, fill } = setUp()
  for (let i = 0; i < 3; i++) {
    fill()
    expect(channel.bufferedAmount).toBeGreaterThanOrEqual(1024 * 1024)
    channel.flush()
  }
  // A chunk of 64 KiB, encrypted, fits.
  expect(new Set(channel.sizes)).toEqual(new Set([72 * 1024]))
})

test.each([
  [65_536, 65_536],
  [1, 1024]
])('they are not larger than the other side takes, which says %i', (maxMessageSize, most) => {
  const { channel, fill } = setUp(maxMessageSize)
  fill()
  expect(Math.max(...channel.sizes)).toBe(most)
})
