import { type MonotonicMs, monotonicMs } from '@swarmway/runtime'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { Stalls } from '../../../src/connections/stalls.js'
import { FakeConnection } from '../../support/fake-connection.js'
import { bytes32 } from '../../support/fake-swarm.js'

function setUp() {
  const clock = new FakeClock()
  const connection = new FakeConnection(bytes32(1), bytes32(2), true, queueMicrotask)
  connection.on('error', () => {})
  const raw = Object.assign(connection.rawStream, { packetsReceived: 5, inflight: 0 })
  const state: { suspicions: number; silences: number; answeredAt: MonotonicMs | null } = {
    suspicions: 0,
    silences: 0,
    answeredAt: null
  }
  const stalls = new Stalls({
    clock,
    connections: new Set([connection.asConnection()]),
    answeredAt: () => state.answeredAt,
    onSuspicion: () => state.suspicions++,
    onSilence: () => state.silences++
  })
  stalls.start()
  return { clock, connection, raw, stalls, state }
}

// A peer that was killed and started again was dialled 15 seconds later, when the transport had given up.
test('a connection that acknowledges nothing for eight seconds ends, if the network answers', async () => {
  const { clock, connection, raw, state } = setUp()
  await clock.advance(5000)
  raw.inflight = 100
  await clock.advance(3000)
  expect(state.suspicions).toBeGreaterThan(0)
  state.answeredAt = clock.now()
  await clock.advance(4000)
  expect(connection.destroying).toBe(false)
  await clock.advance(3000)
  expect(connection.destroying).toBe(true)
})

test('its peer is asked once the network has answered, and again every second', async () => {
  const { clock, raw, state } = setUp()
  raw.inflight = 100
  await clock.advance(2000)
  expect(state.silences).toBe(0)
  state.answeredAt = clock.now()
  await clock.advance(1000)
  expect(state.silences).toBe(1)
  await clock.advance(1000)
  expect(state.silences).toBe(2)
})

test('without an answer of the network since, the transport decides', async () => {
  const { clock, connection, raw, state } = setUp()
  state.answeredAt = monotonicMs(0)
  raw.inflight = 100
  await clock.advance(60_000)
  expect([state.silences, connection.destroying]).toEqual([0, false])
})

test('a connection that acknowledges something, or owes nothing, is not suspect', async () => {
  const { clock, connection, raw, state } = setUp()
  await clock.advance(60_000)
  raw.inflight = 100
  for (let i = 0; i < 60; i++) {
    await clock.advance(1000)
    raw.packetsReceived++
  }
  expect([state.suspicions, connection.destroying]).toEqual([0, false])
})

// What is read and remembered of idle connections twice a second adds up where there are thousands.
test('of a connection that owes nothing, the number of packets is not read', async () => {
  const { clock, raw } = setUp()
  let reads = 0
  Object.defineProperty(raw, 'packetsReceived', { get: () => ++reads })
  await clock.advance(60_000)
  expect(reads).toBe(0)
  raw.inflight = 100
  await clock.advance(500)
  expect(reads).toBe(1)
})

test('after stop there is no timer', async () => {
  const { clock, stalls } = setUp()
  await clock.advance(1500)
  stalls.stop()
  expect(clock.liveTimers).toBe(0)
})
