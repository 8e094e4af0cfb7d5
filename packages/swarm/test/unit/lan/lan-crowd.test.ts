import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { FakeLan, FakeLanPeer, type SeenPacket } from '../../support/fake-lan.js'
import { createRandom } from '../../support/fake-swarm.js'

const HOSTS = 50
const LOSS = 0.2
const TOPIC = new Uint8Array(32).fill(7)

/** Hosts on a wireless network that loses one multicast in five at each receiver. */
function crowd(hosts = HOSTS) {
  const clock = new FakeClock()
  const network = new FakeLan(clock)
  const random = createRandom(7)
  const asleep = new Set<string>()
  network.reaches = ({ from, to }: SeenPacket, host: string) =>
    !asleep.has(from.host) && !asleep.has(host) && (to !== null || random() >= LOSS)
  const peers = Array.from(
    { length: hosts },
    (_, index) => new FakeLanPeer(network, index + 1, network.clock.wall, random)
  )
  return { asleep, clock, network, peers }
}

/** Pairs of which neither has found the other: the one that finds dials. */
function strangers(peers: readonly FakeLanPeer[]): number {
  const found = new Set(
    peers.flatMap((peer) => peer.found.map(({ publicKey }) => `${peer.publicKey[0]} ${publicKey[0]}`))
  )
  const pairs = peers.flatMap((one, index) =>
    peers.slice(index + 1).map((other) => [one.publicKey[0], other.publicKey[0]])
  )
  return pairs.filter(([one, other]) => !found.has(`${one} ${other}`) && !found.has(`${other} ${one}`)).length
}

/** Two probes in three seconds were too few: of 1225 pairs, some did not find each other for seven seconds. */
test('fifty hosts that join together have all found each other within 3 s, with a fifth of the multicasts lost', async () => {
  const { clock, peers } = crowd()
  for (const peer of peers) peer.join(TOPIC)
  await clock.advance(3000)
  expect(strangers(peers)).toBe(0)
})

/** Each probe draws an answer from all others, so the packets of a host grew with the number of hosts. */
test.each([50, 100])('at rest, each of %i hosts sends at most one packet a second', async (hosts) => {
  const { clock, network, peers } = crowd(hosts)
  for (const peer of peers) peer.join(TOPIC)
  await clock.advance(200_000)
  const before = network.seen.length
  await clock.advance(240_000)
  expect((network.seen.length - before) / hosts / 240).toBeLessThan(1)
})

test('a host that wakes up has found all others within 3 s', async () => {
  const { asleep, clock, peers } = crowd()
  for (const peer of peers) peer.join(TOPIC)
  await clock.advance(10_000)
  const sleeper = peers[0] as FakeLanPeer
  asleep.add(sleeper.bus.host)
  await clock.advance(20 * 60_000)
  asleep.delete(sleeper.bus.host)
  sleeper.found.length = 0
  sleeper.lan.refresh()
  await clock.advance(3000)
  expect(new Set(sleeper.found.map(({ publicKey }) => publicKey[0])).size).toBe(HOSTS - 1)
})
