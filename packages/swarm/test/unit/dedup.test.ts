import { expect, test } from 'vitest'
import { isOutdated } from '../../src/connections/dedup.js'
import type { Hello } from '../../src/handshake/extension.js'
import { FakeConnection } from '../support/fake-connection.js'
import { bytes32 } from '../support/fake-swarm.js'

const hello = (life: number, epoch: number): Hello => ({
  incarnation: new Uint8Array(8).fill(life),
  epoch,
  proofs: [],
  refusal: null
})

test.each([
  { open: hello(1, 5), arrived: hello(1, 4), outdated: false, why: 'a dial that was begun before ours was answered' },
  { open: hello(1, 5), arrived: hello(1, 5), outdated: false, why: 'the same handshake once more' },
  { open: hello(1, 5), arrived: hello(1, 6), outdated: true, why: 'a dial begun later: the peer lost the connection' },
  { open: hello(1, 5), arrived: hello(2, 1), outdated: true, why: 'the peer was restarted' }
])('with stamps: $why', ({ open, arrived, outdated }) => {
  const connection = new FakeConnection(bytes32(1), bytes32(2), true, queueMicrotask)
  expect(isOutdated({ connection: connection.asConnection(), isClient: true, hello: open }, arrived)).toBe(outdated)
})

test.each([
  { read: 0, written: 0, outdated: false },
  { read: 1, written: 0, outdated: false },
  { read: 0, written: 1, outdated: false },
  { read: 1, written: 1, outdated: true }
])('without stamps: $read bytes read and $written written', ({ read, written, outdated }) => {
  const connection = new FakeConnection(bytes32(1), bytes32(2), true, queueMicrotask)
  Object.assign(connection, { rawBytesRead: read, rawBytesWritten: written })
  const open = { connection: connection.asConnection(), isClient: true, hello: null }
  expect(isOutdated(open, null)).toBe(outdated)
  expect(isOutdated(open, hello(1, 1))).toBe(outdated)
})
