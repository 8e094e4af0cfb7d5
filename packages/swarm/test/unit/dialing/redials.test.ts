import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { ConnectionTable } from '../../../src/connections/table.js'
import type { DialFailure } from '../../../src/dialing/failure.js'
import { Redials } from '../../../src/dialing/redials.js'
import type { PeerInfo } from '../../../src/peers/peer-info.js'
import { PeerTable } from '../../../src/peers/peer-table.js'
import { bytes32 } from '../../support/fake-swarm.js'

/** Redials with waits of 100, 200, 300 and 1000 ms, and one known peer. */
function setUp({ isActive = true, relay = null as Uint8Array | null } = {}) {
  const clock = new FakeClock()
  const ignore = () => {}
  const peers = new PeerTable({ clock, wallClock: clock.wall, onBanned: ignore, onUnbanned: ignore })
  const failures: DialFailure[] = []
  const due: PeerInfo[] = []
  const info = peers.upsert(bytes32(1))
  info.addTopic(bytes32(2))
  const settings = { clock, random: () => 0, backoffs: [100, 200, 300, 1000], jitter: 0 }
  const context = { settings, peers, table: new ConnectionTable(), isActive: () => isActive, relay: () => relay }
  const listener = { isWanted: () => true, enqueue: (peer: PeerInfo) => due.push(peer) }
  const redials = new Redials({ ...context, emitDialError: (failure) => failures.push(failure) }, listener)
  return { clock, due, failures, info, redials }
}

test('a failed dial is reported with its attempt and the wait, and comes due after it', async () => {
  const { clock, due, failures, info, redials } = setUp()
  redials.afterFailure(info, 'PEER_NOT_FOUND', null)
  expect(failures).toMatchObject([{ code: 'PEER_NOT_FOUND', stage: 'find', attempt: 1, nextTryMs: 200 }])
  await clock.advance(199)
  expect(due).toEqual([])
  await clock.advance(1)
  expect(due).toEqual([info])
})

test('a dial that needs a relay is repeated after the shortest wait, but only the first time', () => {
  const { failures, info, redials } = setUp({ relay: bytes32(7) })
  redials.afterFailure(info, 'CANNOT_HOLEPUNCH', null)
  expect(info.forceRelaying).toBe(true)
  redials.afterFailure(info, 'CANNOT_HOLEPUNCH', null)
  redials.afterFailure(info, 'CANNOT_HOLEPUNCH', null)
  expect(failures.map(({ nextTryMs }) => nextTryMs)).toEqual([100, 200, 300])
})

test('a peer that is not a member is left alone until it is found again', async () => {
  const { clock, due, failures, info, redials } = setUp()
  redials.afterFailure(info, 'NOT_A_MEMBER', null)
  expect(failures).toMatchObject([{ code: 'NOT_A_MEMBER', nextTryMs: null }])
  expect([info.parked, info.stranger]).toEqual([true, true])
  await clock.advance(3_600_000)
  expect(due).toEqual([])
})

test('while the swarm is suspended, a peer is queued for later instead of timed', () => {
  const { clock, due, info, redials } = setUp({ isActive: false })
  redials.schedule(info)
  redials.add(info, 10)
  expect(due).toEqual([info])
  expect(clock.liveTimers).toBe(0)
})

/** All failures were alike, and a peer whose connections stayed unconfirmed was dialled every second for ever. */
test('the first wait, and the longest one, follow from what the failure says', () => {
  const waits = (code: string) => {
    const { failures, info, redials } = setUp()
    for (let attempt = 0; attempt < 5; attempt++) redials.afterFailure(info, code, null)
    return failures.map(({ nextTryMs }) => nextTryMs)
  }
  expect(waits('PEER_CONNECTION_FAILED')).toEqual([200, 300, 600, 1000, 1000])
  // The first one says only that both dialled at once.
  expect(waits('UNCONFIRMED')).toEqual([100, 100, 200, 300, 300])
  // In a crowd, most peers are full for as long as it lasts.
  expect(waits('REMOTE_FULL')).toEqual([1000, 1000, 1000, 1000, 1000])
})

// A peer that was gone for half a minute, and had to be dialled by this side, was reached up to 12 s after its return.
test('for a minute after a connection was lost, dials that meet nobody lengthen the wait once', async () => {
  const { clock, failures, info, redials } = setUp()
  info.onConnected(true)
  info.onDisconnected()
  for (let second = 0; second < 60; second += 10) {
    redials.afterFailure(info, 'PEER_CONNECTION_FAILED', null)
    await clock.advance(10_000)
  }
  for (let late = 0; late < 3; late++) redials.afterFailure(info, 'PEER_CONNECTION_FAILED', null)
  expect(failures.map(({ nextTryMs }) => nextTryMs)).toEqual([200, 200, 200, 200, 200, 200, 300, 600, 1000])
  expect(failures.at(-1)?.attempt).toBe(10)
})

test('a peer that answers after a loss, or was never connected, is dialled less and less often', () => {
  const [lost, unknown] = [setUp(), setUp()]
  lost.info.onConnected(true)
  lost.info.onDisconnected()
  for (let i = 0; i < 3; i++) {
    lost.redials.afterFailure(lost.info, 'SERVER_ERROR', null)
    unknown.redials.afterFailure(unknown.info, 'PEER_CONNECTION_FAILED', null)
  }
  expect(lost.failures.map(({ nextTryMs }) => nextTryMs)).toEqual([200, 300, 600])
  expect(unknown.failures.map(({ nextTryMs }) => nextTryMs)).toEqual([200, 300, 600])
})

test('failures soon after a loss do not make a peer forgotten', () => {
  const { failures, info, redials } = setUp()
  info.onConnected(true)
  info.onDisconnected()
  for (let i = 0; i < 20; i++) redials.afterFailure(info, 'PEER_NOT_FOUND', null)
  expect(failures.at(-1)?.nextTryMs).toBe(200)
})
