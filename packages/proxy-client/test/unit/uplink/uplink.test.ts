import { ProxyError } from '@swarmway/proxy-protocol'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { Uplink } from '../../../src/uplink/uplink.js'
import { settleUplink } from '../../../src/verify-options.js'

// Only the last deadline was cleared: a program that reconnected while a duplex was opening and then ended had to wait
// for the deadline of the earlier attempt.
test('a reconnect while a duplex is opening leaves no timer after stop', () => {
  const clock = new FakeClock()
  const settings = settleUplink({ clock, connect: () => new Promise(() => {}) })
  const listener = { sessionOptions: {}, onConnected() {}, onDisconnected() {}, onSessionLost() {} }
  const uplink = new Uplink(settings, listener)
  uplink.start()
  uplink.reconnect()
  // The deadline, the watch over the event loop while there is one, and the looks at the clocks and at the addresses.
  expect(clock.liveTimers).toBe(4)
  uplink.stop(new ProxyError('DESTROYED', 'the client was destroyed'))
  expect(clock.liveTimers).toBe(0)
})
