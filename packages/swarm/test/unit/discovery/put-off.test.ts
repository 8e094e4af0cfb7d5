import { expect, test } from 'vitest'
import { topicFrom } from '../../../src/util/topic.js'
import { bytes32, createFakeNetwork, type FakeSwarmOptions } from '../../support/fake-swarm.js'

const topic = topicFrom('put off')
const MINUTE_MS = 60_000

/** A swarm that looks for peers, among `count` that listen. */
async function among(count: number, options: FakeSwarmOptions = {}) {
  const fake = createFakeNetwork()
  const others = Array.from({ length: count }, (_, i) => fake.createSwarm({ seed: bytes32(i + 1) }))
  for (const other of others) other.join(topic, { client: false })
  await fake.clock.advance(100)
  const swarm = fake.createSwarm({ seed: bytes32(250), ...options })
  swarm.join(topic, { server: false })
  await fake.clock.advance(MINUTE_MS)
  const leave = async (number: number) => {
    const leaving = others.splice(0, number).map((other) => other.destroy())
    await fake.clock.advance(MINUTE_MS)
    await Promise.all(leaving)
  }
  const kinds = () => swarm.node.queries.map(({ options }) => (options.onlyClosestNodes ? 'relookup' : 'query'))
  return { ...fake, swarm, leave, kinds }
}

// In a crowd of 150, each peer looked five times more when it had all the connections that it may have.
test('a swarm that is full does not look again', async () => {
  const { kinds, swarm } = await among(15, { maxPeers: 10 })
  expect([swarm.connections.size, kinds()]).toEqual([10, ['query']])
})

test('a swarm with a place for each peer that it knows looks again, as it may not know them all', async () => {
  const { kinds, swarm } = await among(19, { maxPeers: 20 })
  expect([swarm.connections.size, kinds()]).toEqual([19, ['query', ...Array(5).fill('relookup')]])
})

test('it looks when a place is free and no peer is left for it', async () => {
  const { clock, createSwarm, kinds, leave, swarm } = await among(12, { maxPeers: 10 })
  await leave(2)
  expect([swarm.connections.size, kinds()]).toEqual([10, ['query']])
  createSwarm({ seed: bytes32(200) }).join(topic, { client: false })
  await leave(1)
  await clock.advance(1000)
  expect(swarm.connections.size).toBe(10)
  expect(kinds().slice(0, 2)).toEqual(['query', 'relookup'])
})

test('a full swarm looks no more often than others, however often places become free', async () => {
  const { clock, createSwarm, kinds, leave } = await among(10, { maxPeers: 10 })
  for (let i = 0; i < 8; i++) {
    await leave(1)
    createSwarm({ seed: bytes32(100 + i) }).join(topic, { client: false })
    await clock.advance(100)
  }
  expect(kinds().filter((kind) => kind === 'relookup').length).toBeLessThanOrEqual(5)
})

// Anyone can invent as many peers as a swarm has places.
test('a topic with few connections is looked up again, although many peers wait to be dialled', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.dialFate = () => 'hang'
  for (let i = 1; i <= 30; i++) network.store(topic, { publicKey: bytes32(i), relayAddresses: [] })
  const swarm = createSwarm({ maxPeers: 10, maxParallel: 2 })
  swarm.join(topic, { server: false })
  await clock.advance(2000)
  expect(swarm.stats.queries.relookups).toBeGreaterThan(0)
})

test('a full swarm still refreshes, which keeps its announcement', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  const others = Array.from({ length: 12 }, (_, i) => createSwarm({ seed: bytes32(i + 1) }))
  for (const other of others) other.join(topic, { client: false })
  await clock.advance(100)
  const swarm = createSwarm({ seed: bytes32(250), maxPeers: 8 })
  swarm.join(topic)
  await clock.advance(MINUTE_MS)
  expect([swarm.connections.size, swarm.stats.queries.total]).toEqual([8, 1])
  network.remove(topic, swarm.keyPair.publicKey)
  await clock.advance(15 * MINUTE_MS)
  expect(network.announced(topic)).toContainEqual(expect.objectContaining({ publicKey: swarm.keyPair.publicKey }))
})

test('a re-lookup that was put off ends with the topic', async () => {
  const { clock, kinds, leave, swarm } = await among(10, { maxPeers: 10 })
  await swarm.leave(topic)
  await leave(5)
  await clock.advance(MINUTE_MS)
  expect(kinds()).toEqual(['query'])
})

test('a suspended swarm looks only once it is resumed', async () => {
  const { clock, kinds, leave, swarm } = await among(10, { maxPeers: 10 })
  await swarm.suspend()
  await leave(5)
  expect(kinds()).toEqual(['query'])
  await swarm.resume()
  await clock.advance(MINUTE_MS)
  expect(kinds()).toEqual(['query', 'query', ...Array(5).fill('relookup')])
})
