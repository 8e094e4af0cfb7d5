import { monotonicMs } from '@swarmway/runtime'
import { expect, test } from 'vitest'
import { fc } from '../../../../runtime/test/support/properties.js'
import { ConnectionTable, type OpenConnection, type PendingInbound } from '../../../src/connections/table.js'
import { FakeConnection } from '../../support/fake-connection.js'
import { bytes32 } from '../../support/fake-swarm.js'
import { createPeers } from '../../support/peers.js'

const connection = new FakeConnection(bytes32(1), bytes32(2), true, queueMicrotask).asConnection()
const dial = { isHalfOpen: false, cancel: () => {} }
const inbound: PendingInbound = {
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
const dialled: OpenConnection = { connection, isClient: true, origin: null, memberships: [] }
const accepted: OpenConnection = { connection, isClient: false, origin: null, memberships: [] }

const changes = fc.record(
  {
    dial: fc.constantFrom(dial, null),
    inbound: fc.constantFrom(inbound, null),
    open: fc.constantFrom(dialled, accepted, null),
    isAllowance: fc.boolean()
  },
  { requiredKeys: [] }
)

function recount(table: ConnectionTable) {
  const counts = { size: 0, peers: 0, clients: 0, servers: 0 }
  for (const slot of table) {
    counts.size++
    expect(slot.dial ?? slot.inbound ?? slot.open, 'an empty slot').not.toBeNull()
    if (slot.isAllowance) continue
    counts.peers++
    if (slot.dial) counts.clients++
    if (slot.inbound) counts.servers++
    if (slot.open?.isClient === true) counts.clients++
    if (slot.open?.isClient === false) counts.servers++
  }
  return counts
}

test('after any sequence of changes, the counts equal a recount', () => {
  const steps = fc.array(fc.tuple(fc.nat(4), changes), { maxLength: 60 })
  fc.assert(
    fc.property(steps, (sequence) => {
      const table = new ConnectionTable()
      const peers = createPeers(5)
      for (const [index, change] of sequence) {
        const info = peers[index]
        if (info) table.change(info, change)
        const { size, peerCount, clientCount, serverCount } = table
        expect({ size, peers: peerCount, clients: clientCount, servers: serverCount }).toEqual(recount(table))
      }
      for (const info of peers) table.change(info, { dial: null, inbound: null, open: null })
      expect([table.size, table.peerCount, table.clientCount, table.serverCount]).toEqual([0, 0, 0, 0])
    })
  )
})

test('an allowance ends with its slot', () => {
  const table = new ConnectionTable()
  const [info] = createPeers(1)
  if (!info) return expect.unreachable()
  table.change(info, { dial, isAllowance: true })
  expect(table.peerCount).toBe(0)
  table.change(info, { dial: null })
  table.change(info, { dial })
  expect(table.peerCount).toBe(1)
})
