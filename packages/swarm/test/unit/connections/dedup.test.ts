import { expect, test } from 'vitest'
import { isOutdated, replacedBy, wasReplaced } from '../../../src/connections/dedup.js'
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

// Each swarm of two with one key was taken for the other after a restart, and so they replaced each other's connection
// with a third peer for ever.
test('an incarnation that was replaced does not replace its successor', () => {
  const connection = new FakeConnection(bytes32(1), bytes32(2), true, queueMicrotask).asConnection()
  const of = (life: number, replaced: readonly string[] = []) => {
    return { connection, isClient: false, origin: origin(life, 1), memberships: [], replaced }
  }
  const second = of(2, replacedBy(of(1), origin(2, 1)))
  expect([isOutdated(second, origin(1, 9)), wasReplaced(second, origin(1, 9))]).toEqual([false, true])
  const third = of(3, replacedBy(second, origin(3, 1)))
  for (const life of [1, 2]) expect(isOutdated(third, origin(life, 9))).toBe(false)
  expect([isOutdated(third, origin(3, 2)), isOutdated(third, origin(4, 1))]).toEqual([true, true])
  let last = third
  for (let life = 4; life < 100; life++) last = of(life, replacedBy(last, origin(life, 1)))
  expect(last.replaced).toHaveLength(8)
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
