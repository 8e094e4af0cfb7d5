import { expect, test } from 'vitest'
import { Channel } from '../../../src/shared/channel/channel.js'
import { connectionPair } from '../../support/connections.js'

const NOBODY = { onMessage: () => {}, onClose: () => {} }

// Each of many tunnels that waited had its own listeners, and Node warned of a leak.
test('any number of callers wait for room with one pair of listeners, again and again', async () => {
  const [connection] = connectionPair(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2))
  const channel = new Channel(connection, NOBODY)
  const listeners = () => [connection.listenerCount('drain'), connection.listenerCount('close')]
  const idle = listeners()
  for (const event of ['drain', 'drain', 'close'] as const) {
    const waiting = Array.from({ length: 20 }, () => channel.drained())
    expect(listeners()).toEqual(idle.map((count) => count + 1))
    connection.emit(event)
    await Promise.all(waiting)
    expect(listeners()).toEqual(idle)
  }
  await channel.drained()
  expect(listeners()).toEqual(idle)
})
