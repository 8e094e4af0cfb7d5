/** Peers that are only heard of. A hostile proxy server or DHT node can invent any number of them. */
import { expect, test } from 'vitest'
import { createKeyPair } from '../../../src/util/keys.js'
import { topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork, type FakeSwarm } from '../../support/fake-swarm.js'

const topic = topicFrom('one')
const other = topicFrom('two')

interface Watched {
  onPeer: (publicKey: Uint8Array) => void
}

/** A swarm whose node reports peers as it likes. */
function setUp(maxFoundPeers: number) {
  const fake = createFakeNetwork()
  const swarm = fake.createSwarm({ maxFoundPeers, maxParallel: 1 })
  const watched = new Map<string, Watched>()
  const node = swarm.node as unknown as { watch: unknown }
  node.watch = (watchedTopic: Uint8Array, onPeer: (peer: object) => void) => {
    const report = (publicKey: Uint8Array) => onPeer({ publicKey, relayAddresses: [] })
    watched.set(Buffer.from(watchedTopic).toString('hex'), { onPeer: report })
    return () => {}
  }
  const find = (on: Uint8Array, publicKey = createKeyPair().publicKey) => {
    watched.get(Buffer.from(on).toString('hex'))?.onPeer(publicKey)
    return publicKey
  }
  return { ...fake, swarm, find }
}

const knows = (swarm: FakeSwarm, key: Uint8Array) => swarm.peers.has(Buffer.from(key).toString('hex') as never)

test('the number of peers that were only found is bounded, and the oldest ones go first', async () => {
  const { find, network, swarm } = setUp(10)
  network.dialFate = () => ({ code: 'PEER_NOT_FOUND' })
  swarm.join(topic, { server: false })
  const keys = Array.from({ length: 500 }, () => find(topic))
  expect(swarm.peers.size).toBeLessThanOrEqual(12)
  expect(knows(swarm, keys.at(-1) as Uint8Array)).toBe(true)
  expect(knows(swarm, keys[1] as Uint8Array)).toBe(false)
})

test('a flood on one topic leaves the peers of another alone', async () => {
  const { find, network, swarm } = setUp(10)
  network.dialFate = () => 'hang'
  swarm.join(topic, { server: false })
  swarm.join(other, { server: false })
  find(topic)
  const few = [find(other), find(other), find(other)]
  for (let i = 0; i < 100; i++) find(topic)
  expect(few.map((key) => knows(swarm, key))).toEqual([true, true, true])
  expect(swarm.peers.size).toBeLessThanOrEqual(12)
})

test('peers that are connected, dialled, banned or asked for are kept', async () => {
  const { clock, createSwarm, find, swarm } = setUp(2)
  const server = createSwarm()
  server.join(topic, { client: false })
  await clock.advance(100)
  swarm.join(topic, { server: false })
  find(topic, server.keyPair.publicKey)
  await clock.advanceUntil(() => swarm.connections.size === 1)
  const asked = createKeyPair().publicKey
  find(topic, asked)
  swarm.joinPeer(asked)
  const banned = find(topic)
  swarm.peers.get(Buffer.from(banned).toString('hex') as never)?.ban()
  for (let i = 0; i < 100; i++) find(topic)
  expect([server.keyPair.publicKey, asked, banned].map((key) => knows(swarm, key))).toEqual([true, true, true])
})

// A peer that was being dialled when its turn came was kept for ever after.
test('peers whose dial was in progress are forgotten later', async () => {
  const { clock, find, network, swarm } = setUp(10)
  network.dialFate = () => 'hang'
  swarm.join(topic, { server: false })
  for (let i = 0; i < 100; i++) {
    for (let j = 0; j < 20; j++) find(topic)
    await clock.advance(61_000)
  }
  expect(swarm.peers.size).toBeLessThanOrEqual(12)
})
