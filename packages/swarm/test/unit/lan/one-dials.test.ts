/** Hosts that joined together all found each other at one moment, and most pairs made two handshakes for one connection. */
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { LanDiscovery } from '../../../src/lan/lan-discovery.js'
import { createKeyPair, type KeyPair, publicKeyHex } from '../../../src/util/keys.js'
import { FakeBus, FakeLan } from '../../support/fake-lan.js'
import { bytes32, createFakeNetwork, type FakeSwarm } from '../../support/fake-swarm.js'

const TOPIC = bytes32(7)
const HOSTS = 12
const LESSER_WAITS_MS = 1000
/** A peer that joins has sent its first probe by then, and has the answers. */
const FOUND_MS = 150

/** A local network without a DHT, and key pairs in order. */
function setUp(keys: number) {
  const made = createFakeNetwork()
  const { clock, network, createSwarm } = made
  network.queryFate = () => 'fail'
  network.latencyMs = 1
  const lan = new FakeLan(clock)
  const keyPairs = Array.from({ length: keys }, createKeyPair).sort((a, b) => b4a.compare(a.publicKey, b.publicKey))
  const swarmOf = (keyPair: KeyPair): FakeSwarm => {
    const bus = new FakeBus(lan, `10.0.0.${lan.buses.size + 1}`)
    const about = { bus, clock, random: () => 0.5, wallClock: clock.wall, port: () => 4000 }
    const createFinder = (publicKey: Uint8Array) => new LanDiscovery({ ...about, publicKey })
    return createSwarm({ keyPair, createFinder, node: network.createNode({ keyPair }) })
  }
  return { ...made, keyPairs, lan, swarmOf }
}

function setUpPair() {
  const made = setUp(2)
  const [lesser, greater] = made.keyPairs as [KeyPair, KeyPair]
  return { ...made, lesser, greater }
}

function dialsOf(swarms: readonly FakeSwarm[]): number {
  return swarms.reduce((sum, { stats }) => sum + stats.connects.client.attempted, 0)
}

test('one connection takes one dial, in a crowd that joins together', async () => {
  const { clock, keyPairs, swarmOf } = setUp(HOSTS)
  const swarms = keyPairs.map(swarmOf)
  for (const swarm of swarms) swarm.join(TOPIC)
  await clock.advance(3000)
  expect(swarms.map(({ connections }) => connections.size)).toEqual(swarms.map(() => HOSTS - 1))
  expect(dialsOf(swarms)).toBe((HOSTS * (HOSTS - 1)) / 2)
})

test('a peer that has found the other first dials, whatever its key', async () => {
  const { clock, lesser, greater, swarmOf } = setUpPair()
  const [waiting, newcomer] = [swarmOf(greater), swarmOf(lesser)]
  waiting.join(TOPIC)
  await clock.advance(60_000)
  newcomer.join(TOPIC)
  await clock.advance(FOUND_MS)
  expect(newcomer.connections.size).toBe(1)
  expect([dialsOf([waiting]), dialsOf([newcomer])]).toEqual([0, 1])
})

test('if the one with the greater key does not reach the other, that dials a second later', async () => {
  const { clock, lesser, greater, network, swarmOf } = setUpPair()
  network.dialFate = (from) => (from === publicKeyHex(greater.publicKey) ? { code: 'PEER_NOT_FOUND' } : 'pass')
  const swarms = [swarmOf(lesser), swarmOf(greater)] as [FakeSwarm, FakeSwarm]
  for (const swarm of swarms) swarm.join(TOPIC)
  await clock.advance(FOUND_MS)
  expect(swarms.map((swarm) => dialsOf([swarm]))).toEqual([0, 1])
  await clock.advance(LESSER_WAITS_MS)
  expect(swarms.map(({ connections }) => connections.size)).toEqual([1, 1])
})
