import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { Liveness } from '../../../src/connections/liveness.js'
import { FakeConnection } from '../../support/fake-connection.js'
import { bytes32 } from '../../support/fake-swarm.js'

function setUp(clock = new FakeClock()) {
  const connection = new FakeConnection(bytes32(1), bytes32(2), true, queueMicrotask)
  connection.on('error', () => {})
  const raw = Object.assign(connection.rawStream, { packetsReceived: 5, rtt: 50 })
  const liveness = new Liveness({ clock, connections: new Set([connection.asConnection()]) })
  return { clock, connection, liveness, raw }
}

test('after a break a connection has two seconds and four round trips for a sign of life, after a move 0.4', async () => {
  const [slept, moved] = [setUp(), setUp()]
  slept.liveness.check()
  moved.liveness.check(true)
  for (const { clock } of [slept, moved]) await clock.advance(599)
  expect([slept.connection.destroying, moved.connection.destroying]).toEqual([false, false])
  for (const { clock } of [slept, moved]) await clock.advance(1)
  expect([slept.connection.destroying, moved.connection.destroying]).toEqual([false, true])
  await slept.clock.advance(1600)
  expect(slept.connection.destroying).toBe(true)
})

test('it is asked twice, since a packet may be lost, but not once it has answered', async () => {
  const [silent, alive] = [setUp(), setUp()]
  for (const { liveness } of [silent, alive]) liveness.check(true)
  alive.raw.packetsReceived++
  for (const { clock } of [silent, alive]) await clock.advance(5000)
  expect([silent.connection.keepAlivesSent, alive.connection.keepAlivesSent]).toEqual([2, 1])
  expect(alive.connection.destroying).toBe(false)
})

/** A clock on which what waits in the sockets is read after the timers of a turn, as in Node after a stall. */
class StallingClock extends FakeClock {
  onTurn = (): void => {}

  override setTimeout(run: () => void, delayMs: number): unknown {
    if (delayMs === 0) this.onTurn()
    return super.setTimeout(run, delayMs)
  }
}

// Timers fire before sockets are read, so a stall of the own process ended healthy connections.
test('an answer that waits unread while the event loop stands still counts', async () => {
  const clock = new StallingClock()
  const { connection, liveness, raw } = setUp(clock)
  clock.onTurn = () => raw.packetsReceived++
  liveness.check(true)
  await clock.advance(5000)
  expect(connection.destroying).toBe(false)
})

test('after stop there is no timer', async () => {
  const { clock, liveness } = setUp()
  liveness.check(true)
  liveness.stop()
  expect(clock.liveTimers).toBe(0)
})
