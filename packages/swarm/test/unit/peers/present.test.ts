/** Whether a peer is present was never forgotten, so that those that had left took turns with those that are there. */
import { expect, test } from 'vitest'
import type { DiscoveredPeer } from '../../../src/network/dht-node.js'
import { createKeyPair, publicKeyHex } from '../../../src/util/keys.js'
import { topicFrom } from '../../../src/util/topic.js'
import { FakeFinder } from '../../support/fake-finder.js'
import { createFakeNetwork, type FakeSwarmOptions } from '../../support/fake-swarm.js'

const topic = topicFrom('present')
const RELAYS = [{ host: '5.5.5.5', port: 1 }]

/** A swarm whose query is open, and pushes what is found. */
async function setUp(options: FakeSwarmOptions = {}) {
  const fake = createFakeNetwork()
  fake.network.queryFate = () => 'hang'
  const swarm = fake.createSwarm({ maxParallel: 1, dialTimeoutMs: 1000, ...options })
  swarm.join(topic, { server: false })
  await fake.clock.advance(10)
  const find = async (...peers: DiscoveredPeer[]) => {
    swarm.node.queries[0]?.push({ from: { host: '5.5.5.1', port: 1 }, peers })
    await fake.clock.advance(10)
  }
  const isPresent = (publicKey: Uint8Array) => swarm.peers.get(publicKeyHex(publicKey))?.present
  return { ...fake, swarm, find, isPresent }
}

function stranger(): DiscoveredPeer {
  return { publicKey: createKeyPair().publicKey, relayAddresses: RELAYS }
}

test('a peer counts as present until its connection closes, and again once that is said again', async () => {
  const { clock, createSwarm, find, isPresent, network, swarm } = await setUp()
  const other = createSwarm()
  await other.listen()
  const { publicKey } = other.keyPair
  await find({ publicKey, relayAddresses: [], present: true })
  expect([swarm.connections.size, isPresent(publicKey)]).toEqual([1, true])
  const left = other.destroy()
  await clock.advance(10)
  await left
  expect([swarm.connections.size, isPresent(publicKey)]).toEqual([0, false])
  network.dialFate = () => 'hang'
  await find({ publicKey, relayAddresses: [], present: true })
  expect(isPresent(publicKey)).toBe(true)
})

test('a peer that cannot be dialled does not count as present', async () => {
  const { find, isPresent, network } = await setUp()
  network.dialFate = () => ({ code: 'PEER_NOT_FOUND' })
  const gone = stranger()
  await find({ ...gone, present: true })
  expect(isPresent(gone.publicKey)).toBe(false)
})

test('a peer that is found on the local network stays present when its connection closes', async () => {
  const lan = new FakeFinder()
  const { clock, createSwarm, isPresent, swarm } = await setUp({ createFinder: () => lan })
  const other = createSwarm()
  await other.listen()
  const { publicKey } = other.keyPair
  lan.listener?.onPeer(publicKey, { host: '10.0.0.2', port: 4000 }, true, false)
  await clock.advance(10)
  for (const connection of swarm.connections) connection.destroy()
  await clock.advance(10)
  expect(isPresent(publicKey)).toBe(true)
  lan.listener?.onGone(publicKey)
  expect(isPresent(publicKey)).toBe(false)
})

test('a peer that left the local network while it waited for a dial goes behind those with relays', async () => {
  const lan = new FakeFinder()
  const { clock, find, network, swarm } = await setUp({ createFinder: () => lan })
  network.dialFate = () => 'hang'
  const [first, left, next] = [stranger(), stranger(), stranger()]
  await find(first)
  lan.listener?.onPeer(left.publicKey, { host: '10.0.0.2', port: 4000 }, true, false)
  await find(next)
  lan.listener?.onGone(left.publicKey)
  await clock.advance(3000)
  const dialled = swarm.node.dials.map(({ publicKey }) => publicKeyHex(publicKey))
  expect(dialled.slice(0, 3)).toEqual([first, next, left].map(({ publicKey }) => publicKeyHex(publicKey)))
})
