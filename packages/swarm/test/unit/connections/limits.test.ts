import { monotonicMs } from '@swarmway/runtime'
import { expect, test } from 'vitest'
import { ConnectionLimits, DEFAULT_DIAL_PEERS } from '../../../src/connections/limits.js'
import { ConnectionTable } from '../../../src/connections/table.js'
import { type CoreOptions, settle } from '../../../src/swarm/options.js'
import { bytes32 } from '../../support/fake-swarm.js'
import { createPeers } from '../../support/peers.js'

const dial = { isHalfOpen: false, cancel: () => {} }
const inbound = {
  origin: null,
  topics: [],
  unproven: [],
  host: '',
  reservedAt: monotonicMs(0),
  memberships: [],
  isHalfOpen: false,
  connection: null,
  onClose: null,
  cancelExpiry: () => {}
}

function setUp(options: CoreOptions, dials: number, inbounds: number) {
  const table = new ConnectionTable()
  const peers = createPeers(dials + inbounds)
  for (const info of peers.slice(0, dials)) table.change(info, { dial })
  for (const info of peers.slice(dials)) table.change(info, { inbound })
  return { table, peers, limits: new ConnectionLimits(table, settle(options)) }
}

test('maxPeers counts both ways', () => {
  const { limits } = setUp({ maxPeers: 4 }, 2, 1)
  expect([limits.canDial(), limits.canAccept(false)]).toEqual([true, true])
  const full = setUp({ maxPeers: 4 }, 2, 2).limits
  expect([full.canDial(), full.canAccept(false)]).toEqual([false, false])
  expect(full.canAccept(true), 'a peer that already has a slot').toBe(true)
})

test('without maxPeers, dialling stops at 64 and accepting does not', () => {
  expect(setUp({}, DEFAULT_DIAL_PEERS - 1, 0).limits.canDial()).toBe(true)
  const { limits } = setUp({}, 32, 32)
  expect([limits.canDial(), limits.canAccept(false)]).toEqual([false, true])
  expect(limits.dialPeers).toBe(64)
})

test('maxClientConnections limits dialling only', () => {
  const { limits } = setUp({ maxClientConnections: 2 }, 2, 0)
  expect([limits.canDial(), limits.canAccept(false)]).toEqual([false, true])
})

// hyperswarm 4.17 never reads maxServerConnections: 10 of 10 were accepted at a limit of 2.
test('maxServerConnections limits only accepting, even for peers that have a slot', () => {
  const { limits } = setUp({ maxServerConnections: 2 }, 0, 2)
  expect([limits.canDial(), limits.canAccept(false), limits.canAccept(true)]).toEqual([true, false, false])
})

test('a limit of 0 lets nothing through', () => {
  const { limits } = setUp({ maxPeers: 0 }, 0, 0)
  expect([limits.canDial(), limits.canAccept(false)]).toEqual([false, false])
})

test("a topic's limit counts all slots on the topic except allowances", () => {
  const { limits, peers, table } = setUp({}, 3, 0)
  const topic = bytes32(1)
  for (const info of peers) info.addTopic(bytes32(1))
  expect(limits.hasTopicRoom([{ topic, limit: 3 }])).toBe(false)
  expect(limits.hasTopicRoom([{ topic, limit: 4 }])).toBe(true)
  expect(limits.hasTopicRoom([{ topic, limit: Number.POSITIVE_INFINITY }])).toBe(true)
  expect(
    limits.hasTopicRoom([
      { topic, limit: 3 },
      { topic: bytes32(2), limit: 1 }
    ])
  ).toBe(true)
  expect(limits.hasTopicRoom([])).toBe(false)
  const [first] = peers
  if (first) table.change(first, { isAllowance: true })
  expect(limits.hasTopicRoom([{ topic, limit: 3 }])).toBe(true)
})
