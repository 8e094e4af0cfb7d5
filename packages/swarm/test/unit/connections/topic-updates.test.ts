/** How connected peers tell each other about topics that they join later. */
import { expect, test } from 'vitest'
import { createGroup } from '../../../src/groups/group.js'
import { createKeyPair } from '../../../src/util/keys.js'
import { topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork, type FakeSwarm, type FakeSwarmOptions } from '../../support/fake-swarm.js'
import { Forger } from '../../support/forger.js'

const topic = topicFrom('first')
const later = topicFrom('later')

/** A server that is on `topics` from the start, and a client that is connected to it through the first one. */
async function setUp(topics = [topic, later], options: FakeSwarmOptions = {}) {
  const fake = createFakeNetwork()
  const server = fake.createSwarm({ hasExtension: options.hasExtension ?? true })
  for (const one of topics) server.join(one, { client: false })
  await fake.clock.advance(10)
  const client = fake.createSwarm({ jitter: 0, ...options })
  client.join(topic, { server: false })
  await fake.clock.advanceUntil(() => client.connections.size === 1 && server.connections.size === 1)
  return { ...fake, server, client }
}

function namesOf(swarm: FakeSwarm): string[] {
  const [info] = swarm.peers.values()
  return (info?.topics ?? []).map((one) => Buffer.from(one).toString('hex')).sort()
}

const hex = (topics: Uint8Array[]) => topics.map((one) => Buffer.from(one).toString('hex')).sort()

test('a topic that the client joins later is a topic of the connection on both sides', async () => {
  const { clock, server, client } = await setUp()
  const told: Uint8Array[] = []
  const [info] = server.peers.values()
  info?.on('topic', (news) => told.push(news))
  client.join(later, { server: false })
  await clock.advance(1000)
  expect([namesOf(server), namesOf(client)]).toEqual([hex([topic, later]), hex([topic, later])])
  expect(told).toEqual([Buffer.from(later)])
  expect([client.stats.connects.client, server.stats.connects.server]).toMatchObject([{ opened: 1 }, { opened: 1 }])
  expect([client.stats.dials, server.stats.dedupDrops, client.stats.dedupDrops]).toEqual([{ OPENED: 1 }, 0, 0])
})

test('of topics joined together none is missing, whichever was found first', async () => {
  const topics = Array.from({ length: 100 }, (_, i) => topicFrom(`topic ${i}`))
  const { clock, server, client } = await setUp([topic, ...topics])
  for (const one of topics) client.join(one, { server: false })
  await clock.advance(30_000)
  expect(namesOf(server)).toEqual(hex([topic, ...topics]))
  expect(client.node.dials.length, 'many topics in one update').toBeLessThan(12)
})

test('a lost topic update is sent again', async () => {
  const { clock, network, server, client } = await setUp()
  network.dialFate = () => ({ code: 'PEER_NOT_FOUND' })
  client.join(later, { server: false })
  await clock.advance(1000)
  expect(namesOf(server)).toEqual(hex([topic]))
  network.dialFate = () => 'hang'
  await clock.advance(5000)
  network.dialFate = () => 'pass'
  await clock.advance(60_000)
  expect(namesOf(server)).toEqual(hex([topic, later]))
})

test('a topic update that is never answered is given up, and leaves nothing behind', async () => {
  const { clock, network, client } = await setUp()
  network.dialFate = () => 'hang'
  client.join(later, { server: false })
  await clock.advance(600_000)
  expect(client.node.dials.length).toBe(1 + 4)
  network.dialFate = () => 'hang'
  client.join(topicFrom('another'), { server: false })
  await client.destroy()
  expect(clock.liveTimers, 'the two discoveries of the server').toBeLessThanOrEqual(2)
})

test('no topic update is sent to another implementation, or with topicProofs off', async () => {
  for (const options of [{ hasExtension: false }, { topicProofs: false }]) {
    const { clock, client } = await setUp([topic, later], options)
    client.join(later, { server: false })
    await clock.advance(10_000)
    expect(client.node.dials).toHaveLength(1)
    expect(namesOf(client)).toEqual(hex([topic, later]))
  }
})

test('a topic update for a connection that the other side does not know changes nothing', async () => {
  const { clock, network, server } = await setUp()
  const stranger = new Forger(network, createKeyPair(), { topics: [later], isTopicUpdate: true })
  const ended = stranger.dial(server.keyPair.publicKey)
  await clock.advance(100)
  expect(await ended).toBe('SERVER_ERROR')
  expect(stranger.heard).toMatchObject([{ proofs: [], statements: [] }])
  expect([server.peers.size, server.connections.size]).toEqual([1, 1])
})

test('a topic update proves a group topic that is joined later, to members only', async () => {
  const group = createGroup()
  const { clock, createSwarm, server, client } = await setUp([topic])
  const stranger = createSwarm({ jitter: 0 })
  stranger.join(topic, { server: false })
  await clock.advance(1000)
  const join = (swarm: FakeSwarm, mode: object) =>
    swarm.join(later, { group: group.invite(swarm.keyPair.publicKey, { label: 'late' }), ...mode })
  join(server, { client: false })
  await clock.advance(10)
  join(client, { server: false })
  stranger.join(later, { server: false })
  await clock.advance(10_000)
  expect(namesOf(client)).toEqual(hex([topic, later]))
  const infos = [...server.peers.values()].map(({ topics, membership }) => [topics.length, membership?.label])
  expect(infos).toEqual([
    [2, 'late'],
    [1, undefined]
  ])
  server.revoke(group.revoke([client.keyPair.publicKey], 1))
  await clock.advance(1000)
  expect([server.connections.size, namesOf(server)], 'the open topic keeps the connection').toEqual([2, hex([topic])])
})
