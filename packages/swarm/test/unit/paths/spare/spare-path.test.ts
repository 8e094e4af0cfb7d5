import { EventEmitter } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { until } from '../../../../../runtime/test/support/until.js'
import { Identity } from '../../../../src/handshake/identity.js'
import type { DhtNode } from '../../../../src/network/dht-node.js'
import { SparePath } from '../../../../src/paths/spare/spare-path.js'
import type { PeerInfo } from '../../../../src/peers/peer-info.js'
import { createKeyPair } from '../../../../src/util/keys.js'
import { fakeCodec } from '../../../support/fake-handshake.js'
import { addPath, pathStreams } from '../../../support/memory-paths.js'

/** A node whose dials all fail. */
class Refusing {
  online = true
  dials = 0

  connect(): object {
    this.dials++
    throw new Error('nobody can be reached')
  }
}

function setUp({ places = 1 } = {}) {
  const clock = new FakeClock()
  const streams = pathStreams(clock)
  const { ends } = streams
  onTestFinished(() => {
    for (const end of ends) end.destroy()
  })
  const node = new Refusing()
  const state = { isActive: true, places }
  const spare = new SparePath(ends[0], { publicKey: new Uint8Array(32), relayAddresses: [] } as unknown as PeerInfo, {
    node: node as unknown as DhtNode,
    codec: fakeCodec,
    identity: new Identity(createKeyPair()),
    clock,
    random: () => 0.5,
    isActive: () => state.isActive,
    takeDialPlace: () => state.places > 0 && state.places-- > 0,
    freeDialPlace: () => state.places++
  })
  return { clock, node, spare, state, stream: ends[0], streams }
}

test('a lost path is dialled after a second, and more and more rarely, but at least every minute', async () => {
  const { clock, node, spare, state } = setUp()
  spare.begin()
  await clock.advance(999)
  expect(node.dials).toBe(0)
  await clock.advance(2)
  expect(node.dials).toBe(1)
  await clock.advance(62_000)
  expect(node.dials).toBe(6)
  await clock.advance(600_000)
  expect(node.dials).toBe(16)
  expect(state.places).toBe(1)
})

test('nothing is dialled while the node is offline, and soon after it is back', async () => {
  const { clock, node, spare } = setUp()
  node.online = false
  spare.begin()
  await clock.advance(600_000)
  expect(node.dials).toBe(0)
  node.online = true
  await clock.advance(1000)
  expect(node.dials).toBe(1)
})

test('nothing is dialled while the swarm is suspended, or without a place for the dial', async () => {
  const { clock, node, spare, state } = setUp({ places: 0 })
  spare.begin()
  await clock.advance(10_000)
  state.places = 1
  state.isActive = false
  await clock.advance(10_000)
  expect(node.dials).toBe(0)
  state.isActive = true
  await clock.advance(1000)
  expect(node.dials).toBe(1)
})

test('news of the network shorten the wait, once in ten seconds', async () => {
  const { clock, node, spare, stream, streams } = setUp()
  spare.hurry()
  await clock.advance(10_000)
  expect(node.dials, 'with the first path in place').toBe(0)
  addPath(streams, 1)
  await until(() => stream.activePathId === 1)
  streams.rawStreams[0].destroy(null)
  await until(() => !stream.hasBase)
  spare.begin()
  await clock.advance(130_000)
  const before = node.dials
  for (let i = 0; i < 10; i++) spare.hurry()
  await clock.advance(1000)
  expect(node.dials).toBe(before + 1)
  spare.hurry()
  await clock.advance(1000)
  expect(node.dials).toBe(before + 1)
})

test('nothing is dialled for a connection that has closed', async () => {
  const { clock, node, spare, stream } = setUp()
  spare.begin()
  stream.destroy()
  await clock.advance(600_000)
  expect([node.dials, clock.liveTimers]).toEqual([0, 0])
})

// A peer that gave up each replacement as soon as it was there had us dial it once a second, for a message of 33 bytes each.
test('a replacement that does not last makes the next one as rare as a dial that failed; one that lasts does not', async () => {
  const { clock, node, spare } = setUp()
  node.connect = () => {
    node.dials++
    return Object.assign(new EventEmitter(), { destroy() {} })
  }
  for (const waitMs of [1000, 2000, 4000, 8000, 16_000]) {
    const before = node.dials
    spare.begin()
    await clock.advance(waitMs - 1)
    expect(node.dials).toBe(before)
    await clock.advance(2)
    expect(node.dials).toBe(before + 1)
    spare.onReady()
  }
  await clock.advance(60_000)
  const before = node.dials
  spare.begin()
  await clock.advance(1001)
  expect(node.dials).toBe(before + 1)
})
