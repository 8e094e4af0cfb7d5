import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { NeighbourKeepAlives } from '../../../src/connections/neighbour-keep-alives.js'
import { FakeConnection } from '../../support/fake-connection.js'
import { bytes32 } from '../../support/fake-swarm.js'

/** A connection of a UDX stream with HyperDHT's keep-alive. */
function connect(isInitiator: boolean) {
  const connection = new FakeConnection(bytes32(1), bytes32(2), isInitiator, queueMicrotask)
  const raw = Object.assign(connection.rawStream, { packetsReceived: 5, inflight: 0 })
  connection.setKeepAlive(5000)
  return { connection, raw }
}

function setUp(count: number, isInitiator = true) {
  const clock = new FakeClock()
  const keepAlives = new NeighbourKeepAlives(clock)
  const ends = Array.from({ length: count }, () => connect(isInitiator))
  for (const { connection } of ends) keepAlives.add(connection.asConnection())
  const sent = () => ends.reduce((sum, { connection }) => sum + connection.keepAlivesSent, 0)
  return { clock, ends, sent }
}

// Among 50 hosts, each sent 20 packets a second to keep silent connections alive.
test('a host sends at most one packet in two seconds, however many neighbours it has', async () => {
  for (const count of [3, 12, 49]) {
    const { clock, ends, sent } = setUp(count)
    // The neighbours answer.
    for (let second = 0; second < 600; second++) {
      await clock.advance(1000)
      for (const { connection, raw } of ends) raw.packetsReceived = 5 + connection.keepAlivesSent
    }
    expect(sent() / 600).toBeLessThanOrEqual(0.5)
    expect(sent() / 600).toBeGreaterThan(0.4)
  }
})

test('a neighbour from which something has come is not asked, nor by the side that accepted if the other one asks', async () => {
  const [dialled, accepted] = [setUp(1), setUp(1, false)]
  for (let second = 0; second < 60; second++) {
    await Promise.all([dialled.clock.advance(1000), accepted.clock.advance(1000)])
    for (const { raw } of dialled.ends) raw.packetsReceived++
    if (second % 5 === 4) for (const { raw } of accepted.ends) raw.packetsReceived++
  }
  expect([dialled.sent(), accepted.sent()]).toEqual([0, 0])
})

test('the side that accepted asks if the other one does not', async () => {
  const { clock, sent } = setUp(1, false)
  await clock.advance(60_000)
  expect(sent()).toBeGreaterThan(5)
})

test("a keep-alive of the application's own stays", async () => {
  const { clock, ends, sent } = setUp(1)
  expect(ends[0]?.connection.keepAlive).toBe(0)
  ends[0]?.connection.setKeepAlive(1000)
  await clock.advance(60_000)
  expect([ends[0]?.connection.keepAlive, sent()]).toEqual([1000, 0])
})

test('without neighbours there is no timer', async () => {
  const { clock, ends } = setUp(2)
  await clock.advance(10_000)
  for (const { connection } of ends) connection.destroy()
  await clock.advance(0)
  expect(clock.liveTimers).toBe(0)
})

test('a stream that counts no packets keeps its own', () => {
  const clock = new FakeClock()
  const connection = new FakeConnection(bytes32(1), bytes32(2), true, queueMicrotask)
  connection.setKeepAlive(5000)
  new NeighbourKeepAlives(clock).add(connection.asConnection())
  expect([connection.keepAlive, clock.liveTimers]).toEqual([5000, 0])
})
