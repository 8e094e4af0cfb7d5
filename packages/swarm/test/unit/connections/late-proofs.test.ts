/** Topics of a swarm that has more of them than it compares with one handshake. */
import { expect, test } from 'vitest'
import { topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork } from '../../support/fake-swarm.js'

const TOPICS = Array.from({ length: 2500 }, (_, i) => topicFrom(`topic ${i}`))
const [oldest, second, third] = TOPICS as [Uint8Array, Uint8Array, Uint8Array]
const newest = TOPICS.at(-1) as Uint8Array

/** A server on many topics, and a client that is connected to it through `topics`. */
async function setUp(topics: Uint8Array[], serverTopics = TOPICS) {
  const fake = createFakeNetwork()
  const server = fake.createSwarm()
  for (const one of serverTopics) server.join(one, { client: false })
  await server.flush()
  await fake.clock.advance(100)
  const client = fake.createSwarm({ jitter: 0 })
  for (const one of topics) client.join(one, { server: false })
  await fake.clock.advanceUntil(() => server.connections.size === 1)
  const [info] = server.peers.values()
  return { ...fake, server, client, known: () => (info?.topics ?? []).map((one) => Buffer.from(one).toString('hex')) }
}

const hex = (topics: Uint8Array[]) => topics.map((one) => Buffer.from(one).toString('hex'))

test('the latest topics are known at once, and older ones soon after', async () => {
  const { clock, known } = await setUp([newest, oldest])
  expect(known()).toEqual(hex([newest]))
  await clock.advance(1000)
  expect(known().sort()).toEqual(hex([newest, oldest]).sort())
})

test('so it is with topics that the peer joins later', async () => {
  const { client, clock, known } = await setUp([newest])
  client.join(second, { server: false })
  await clock.advance(5000)
  client.join(third, { server: false })
  await clock.advance(5000)
  expect(known().sort()).toEqual(hex([newest, second, third]).sort())
})

test('a connection that closes meanwhile leaves nothing behind', async () => {
  const { client, clock, known, server } = await setUp([oldest])
  expect(known()).toEqual([])
  await client.destroy()
  await clock.advanceUntil(() => server.connections.size === 0)
  await clock.advance(1000)
  expect(known()).toEqual([])
})
