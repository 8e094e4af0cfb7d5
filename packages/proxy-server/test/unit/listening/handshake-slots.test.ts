import { ProxyError } from '@swarmway/proxy-protocol'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import type { Client } from '../../../src/client/client.js'
import { HandshakeSlots } from '../../../src/listening/handshake-slots.js'

const TIMEOUT_MS = 1000
const { signal: never } = new AbortController()

function setUp(maxPendingHandshakes: number) {
  const clock = new FakeClock()
  const own = { ...client('own'), limits: { maxPendingHandshakes } } as Client
  return { clock, slots: new HandshakeSlots(own, clock, TIMEOUT_MS) }
}

/** A client of this network. */
function client(network: string): Client {
  const atLimit = (name: string) => new ProxyError('LIMIT', name)
  return { network, hasRoomForStream: true, atLimit } as unknown as Client
}

/** A crowd's dials took all slots, and everybody else's failed at once, so only luck brought an honest client through. */
test('a dial from another network comes before the crowd that waits', async () => {
  const { slots } = setUp(2)
  const crowd = [client('192.0.2.1'), client('192.0.2.1')]
  const taken = await Promise.all(crowd.map((one) => slots.take(one, never)))
  const order: string[] = []
  const wait = (one: Client) =>
    slots.take(one, never).then((slot) => {
      order.push(one.network)
      slot.release()
    })
  const waiting = Array.from({ length: 50 }, (_, i) => wait(crowd[i % 2] as Client))
  const honest = wait(client('203.0.113.5'))
  for (const slot of taken) slot.release()
  await honest
  expect(order.indexOf('203.0.113.5')).toBeLessThan(4)
  await Promise.all(waiting)
  expect(slots.size).toBe(0)
})

test('those who come through the DHT have as many slots of their own, and do not wait', async () => {
  const { slots } = setUp(1)
  await slots.take(client('192.0.2.1'), never)
  const slot = slots.reserve()
  expect(() => slots.reserve()).toThrow(expect.objectContaining({ code: 'LIMIT' }))
  slot.release()
  slot.release()
  slots.reserve()
  expect(slots.size).toBe(2)
  expect(() => slots.reserve()).toThrow()
})

test('a turn that takes too long is a LIMIT, and a dial that is given up leaves the line', async () => {
  const { clock, slots } = setUp(1)
  const held = await slots.take(client('192.0.2.1'), never)
  const cancelled = new AbortController()
  const given = slots.take(client('192.0.2.1'), cancelled.signal)
  const late = slots.take(client('192.0.2.1'), never)
  cancelled.abort()
  await expect(given).rejects.toMatchObject({ code: 'ABORTED' })
  const refused = expect(late).rejects.toMatchObject({ code: 'LIMIT' })
  await clock.advance(TIMEOUT_MS)
  await refused
  held.release()
  await slots.take(client('192.0.2.2'), never)
})

test('an unfinished handshake loses its slot, and the end of the client frees all', async () => {
  const { clock, slots } = setUp(1)
  await slots.take(client('192.0.2.1'), never)
  await clock.advance(2 * TIMEOUT_MS)
  await slots.take(client('192.0.2.1'), never)
  slots.destroy()
  expect([slots.size, clock.liveTimers]).toEqual([0, 0])
})
