import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { PeerInfo } from '../../../src/peers/peer-info.js'
import { RecentPeers } from '../../../src/peers/recent-peers.js'
import { createKeyPair, publicKeyHex } from '../../../src/util/keys.js'

function setUp() {
  const clock = new FakeClock()
  const owner = { clock, wallClock: clock.wall, onBanned: () => {}, onUnbanned: () => {} }
  const recent = new RecentPeers(clock)
  const add = () => {
    const info = new PeerInfo(owner, createKeyPair().publicKey, null)
    const key = publicKeyHex(info.publicKey)
    recent.add(key, info)
    return { info, key }
  }
  return { clock, recent, add }
}

test('a peer is remembered for ten minutes, and taken once', async () => {
  const { clock, recent, add } = setUp()
  const [first, second] = [add(), add()]
  await clock.advance(599_999)
  expect(recent.get(first.key)).toBe(first.info)
  expect(recent.take(first.key)).toBe(first.info)
  expect(recent.get(first.key)).toBeUndefined()
  await clock.advance(1)
  expect(recent.get(second.key)).toBeUndefined()
})

// Anybody can connect and leave, under a new key each time.
test('no more than 1024 peers are remembered, the latest ones', () => {
  const { recent, add } = setUp()
  const peers = Array.from({ length: 1500 }, add)
  const known = peers.filter(({ key }) => recent.get(key) !== undefined)
  expect([known.length, known[0]]).toEqual([1024, peers[476]])
})
