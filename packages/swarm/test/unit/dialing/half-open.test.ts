import { expect, test } from 'vitest'
import { topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork, type FakeSwarm } from '../../support/fake-swarm.js'

const topic = topicFrom('half open')

/** Two peers of which only `b` can reach the other: connections that `a` dials open, and carry nothing. */
async function setUp(isGreater: (a: FakeSwarm, b: FakeSwarm) => boolean) {
  const fake = createFakeNetwork()
  let [a, b] = [fake.createSwarm(), fake.createSwarm()]
  while (!isGreater(a, b)) [a, b] = [fake.createSwarm(), fake.createSwarm()]
  fake.network.isMuteFrom = (from) => from === a.keyPair.publicKey
  return { ...fake, a, b }
}

const isLess = (a: FakeSwarm, b: FakeSwarm) => Buffer.compare(a.keyPair.publicKey, b.keyPair.publicKey) < 0

// After an outage, one peer's dials opened at both ends and carried nothing, one after the other, for half a minute. Each
// took the peer's place at the other side, which so never dialled, though its dial would have succeeded.
test.each([
  ['the lesser', isLess],
  ['the greater', (a: FakeSwarm, b: FakeSwarm) => !isLess(a, b)]
])('a peer that is dialled half open dials itself, when its key is %s', async (_, isChosen) => {
  const { a, b, clock } = await setUp(isChosen)
  a.join(topic)
  await clock.advance(100)
  b.join(topic)
  await clock.advanceUntil(() => a.connections.size === 1 && b.connections.size === 1, 12_000)
  await clock.advance(30_000)
  expect([a.connections.size, b.connections.size]).toEqual([1, 1])
})

test('dials that stay half open are tried less and less often', async () => {
  const { a, b, clock, network } = await setUp(isLess)
  network.isMuteFrom = () => true
  b.join(topic, { client: false })
  await clock.advance(100)
  a.join(topic, { server: false })
  await clock.advance(600_000)
  expect(a.node.dials.length).toBeLessThan(15)
})
