import { expect, test } from 'vitest'
import { isOutdated } from '../../../src/connections/dedup.js'
import type { Origin } from '../../../src/handshake/extension.js'
import { FakeConnection } from '../../support/fake-connection.js'
import { bytes32 } from '../../support/fake-swarm.js'

const origin = (life: number, epoch: number): Origin => ({ incarnation: String(life).padStart(16, '0'), epoch })

test.each([
  { open: origin(1, 5), arrived: origin(1, 4), outdated: false, why: 'a dial that began before ours was answered' },
  { open: origin(1, 5), arrived: origin(1, 5), outdated: false, why: 'the same handshake again' },
  {
    open: origin(1, 5),
    arrived: origin(1, 6),
    outdated: true,
    why: 'a later dial: the peer lost the connection'
  },
  { open: origin(1, 5), arrived: origin(2, 1), outdated: true, why: 'the peer was restarted' }
])('with stamps: $why', ({ open, arrived, outdated }) => {
  const connection = new FakeConnection(bytes32(1), bytes32(2), true, queueMicrotask)
  const current = { connection: connection.asConnection(), isClient: true, origin: open, memberships: [] }
  expect(isOutdated(current, arrived)).toBe(outdated)
})

test.each([
  { read: 0, written: 0, outdated: false },
  { read: 1, written: 0, outdated: false },
  { read: 0, written: 1, outdated: false },
  { read: 1, written: 1, outdated: true }
])('without stamps: $read bytes read and $written written', ({ read, written, outdated }) => {
  const connection = new FakeConnection(bytes32(1), bytes32(2), true, queueMicrotask)
  Object.assign(connection, { rawBytesRead: read, rawBytesWritten: written })
  const open = { connection: connection.asConnection(), isClient: true, origin: null, memberships: [] }
  expect(isOutdated(open, null)).toBe(outdated)
  expect(isOutdated(open, origin(1, 1))).toBe(outdated)
})
