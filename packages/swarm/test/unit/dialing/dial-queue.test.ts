import { expect, test } from 'vitest'
import { fc } from '../../../../runtime/test/support/properties.js'
import { DialQueue } from '../../../src/dialing/dial-queue.js'
import type { PeerInfo } from '../../../src/peers/peer-info.js'
import { createRandom } from '../../support/fake-swarm.js'
import { createPeer, createPeers } from '../../support/peers.js'

/** Gives the peer a record that earns it each of the priorities 0 to 5. */
function earn(info: PeerInfo, priority: number): void {
  info.explicit = priority === 5
  info.proven = priority !== 0
  info.attempts = [4, 3, 0, 2, 1, 0][priority] ?? 0
}

const actions = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('add' as const), peer: fc.nat(11), priority: fc.nat(5) }),
    fc.record({ kind: fc.constant('remove' as const), peer: fc.nat(11) }),
    fc.record({ kind: fc.constant('shift' as const) })
  ),
  { maxLength: 80 }
)

test('after any adds, removes and shifts, shift returns a peer of the highest priority and the size is right', () => {
  fc.assert(
    fc.property(actions, fc.nat(), (steps, seed) => {
      const queue = new DialQueue(createRandom(seed))
      const peers = createPeers(12)
      const model = new Set<PeerInfo>()
      for (const step of steps) {
        const peer = step.kind === 'shift' ? null : (peers[step.peer] ?? null)
        if (step.kind === 'shift') {
          const highest = Math.max(...[...model].map((info) => info.priority))
          const shifted = queue.shift()
          expect(shifted === null).toBe(model.size === 0)
          if (shifted === null) continue
          expect(shifted.priority).toBe(highest)
          expect(model.delete(shifted)).toBe(true)
        } else if (peer !== null && step.kind === 'add') {
          // A queued peer's record may change too, while its place stays.
          earn(peer, step.priority)
          queue.add(peer)
          model.add(peer)
        } else if (peer !== null) {
          expect(queue.remove(peer)).toBe(model.delete(peer))
        }
        expect(queue.size).toBe(model.size)
        expect(new Set(queue)).toEqual(model)
        for (const info of peers) expect(info.queued).toBe(model.has(info))
      }
    }),
    { numRuns: 200 }
  )
})

test('each record earns its priority', () => {
  const queue = new DialQueue(createRandom())
  for (let priority = 0; priority <= 5; priority++) {
    const info = createPeer()
    earn(info, priority)
    queue.add(info)
    expect(info.priority).toBe(priority)
    expect(queue.headPriority).toBe(priority)
  }
})

test('an empty queue returns no peer', () => {
  const queue = new DialQueue(createRandom())
  expect(queue.shift()).toBeNull()
  expect(queue.headPriority).toBe(-1)
  expect(queue.remove(createPeer())).toBe(false)
})

test('peers of one priority come out in a different order than they went in', () => {
  const orders = new Set<string>()
  for (let seed = 0; seed < 10; seed++) {
    const queue = new DialQueue(createRandom(seed))
    const peers = createPeers(10)
    for (const peer of peers) queue.add(peer)
    orders.add(peers.map(() => peers.indexOf(queue.shift() as PeerInfo)).join())
  }
  expect(orders.size).toBe(10)
})

// A node of the DHT can invent peers, but peers that announced themselves are stored on about twenty nodes.
test('among peers of one priority, those that more hosts have named come first', () => {
  const queue = new DialQueue(createRandom())
  const [never, once, twice, often] = createPeers(4) as [PeerInfo, PeerInfo, PeerInfo, PeerInfo]
  const report = (info: PeerInfo, ...hosts: number[]) =>
    hosts.map((host) => info.onReported({ host: `5.5.5.${host}`, port: 1 }))
  expect(report(once, 1, 1, 1)).toEqual([true, false, false])
  report(twice, 1, 2)
  expect(report(often, 1, 2, 3, 4, 5)).toEqual([true, true, true, true, false])
  for (const info of [never, once, twice, often]) queue.add(info)
  const failing = createPeer()
  failing.attempts = 4
  report(failing, 1, 2, 3, 4)
  queue.add(failing)
  expect(Array.from({ length: 5 }, () => queue.shift())).toEqual([often, twice, once, never, failing])
})

// Keys that somebody has announced without listening on them were tried before peers that are there.
test('of one priority, peers that name relays come first, then those that most hosts have named', () => {
  const queue = new DialQueue(createRandom())
  const [invented, named, listening, known] = createPeers(4) as [PeerInfo, PeerInfo, PeerInfo, PeerInfo]
  for (const info of [listening, known]) info.relayAddresses = [{ host: '192.0.2.1', port: 1 }]
  for (const info of [named, known]) info.onReported({ host: '192.0.2.2', port: 1 })
  for (const info of [invented, named, listening, known]) queue.add(info)
  expect([queue.shift(), queue.shift(), queue.shift(), queue.shift()]).toEqual([known, listening, named, invented])
})

// A client of our proxy server has no reporters, and may have no relays yet: it came after all keys that nodes invented.
test('peers that are present take turns with those of the DHT, however many nodes have named these', () => {
  const queue = new DialQueue(createRandom())
  const [named, present] = [createPeers(3), createPeers(3)]
  for (const info of named) {
    info.relayAddresses = [{ host: '192.0.2.1', port: 1 }]
    for (const host of [1, 2, 3, 4]) info.onReported({ host: `5.5.5.${host}`, port: 1 })
  }
  for (const info of present) info.present = true
  for (const info of [...named, ...present]) queue.add(info)
  const kinds = Array.from({ length: 6 }, () => queue.shift()?.present)
  expect(kinds).toEqual([true, false, true, false, true, false])
})

test('a present peer that keeps failing comes after those of a higher priority', () => {
  const queue = new DialQueue(createRandom())
  const [failing, other] = createPeers(2) as [PeerInfo, PeerInfo]
  failing.present = true
  failing.attempts = 4
  for (const info of [failing, other]) queue.add(info)
  expect([queue.shift(), queue.shift()]).toEqual([other, failing])
})
