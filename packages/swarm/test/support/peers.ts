import { type Clock, systemWallClock } from '@swarmway/runtime'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { PeerInfo } from '../../src/peers/peer-info.js'

let count = 0

/** A peer with a unique key, not tied to any swarm. */
export function createPeer(clock: Clock = new FakeClock()): PeerInfo {
  const publicKey = new Uint8Array(32)
  new DataView(publicKey.buffer).setUint32(0, ++count)
  return new PeerInfo({ clock, wallClock: systemWallClock, onBanned: () => {}, onUnbanned: () => {} }, publicKey, null)
}

export function createPeers(howMany: number, clock?: Clock): PeerInfo[] {
  return Array.from({ length: howMany }, () => createPeer(clock))
}
