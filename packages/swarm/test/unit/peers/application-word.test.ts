import { expect, test } from 'vitest'
import { topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork, type FakeSwarm } from '../../support/fake-swarm.js'

const topic = topicFrom('what the application said')
const other = topicFrom('another topic')

/** Two peers that each could dial the other, connected; the connections of either are counted. */
async function setUp() {
  const fake = createFakeNetwork()
  const [dialler, acceptor] = [fake.createSwarm(), fake.createSwarm()]
  acceptor.join(topic, { client: false })
  await fake.clock.advance(100)
  dialler.join(topic, { server: false })
  await fake.clock.advanceUntil(() => dialler.connections.size === 1 && acceptor.connections.size === 1)
  // From now on, either can find the other.
  acceptor.join(topic)
  dialler.join(topic)
  let opened = 0
  dialler.on('connection', () => opened++)
  return { ...fake, dialler, acceptor, opened: () => opened }
}

type Peers = Awaited<ReturnType<typeof setUp>>

const SIDES: Array<[string, (peers: Peers) => FakeSwarm, (peers: Peers) => FakeSwarm]> = [
  ['the dialling side', ({ dialler }) => dialler, ({ acceptor }) => acceptor],
  ['the accepting side', ({ acceptor }) => acceptor, ({ dialler }) => dialler]
]

const only = (swarm: FakeSwarm) => [...swarm.connections][0]
const infoOf = (swarm: FakeSwarm, { keyPair }: FakeSwarm) =>
  [...swarm.peers.values()].find(({ publicKey }) => Buffer.compare(publicKey, keyPair.publicKey) === 0)

// The other side, or one of the lookups after a join, made the connection again within a second or two.
test.each(SIDES)('after disconnect on %s, the connection does not come back for a minute', async (_, mine, remote) => {
  const peers = await setUp()
  await mine(peers).disconnect(remote(peers).keyPair.publicKey)
  for (const swarm of [peers.dialler, peers.acceptor]) swarm.join(other)
  await peers.clock.advance(59_000)
  expect(peers.opened()).toBe(0)
  await peers.clock.advance(3_600_000)
  expect(peers.dialler.connections.size).toBe(1)
})

test.each(SIDES)('after reconnect(false) and a close on %s, neither', async (_, mine, remote) => {
  const peers = await setUp()
  infoOf(mine(peers), remote(peers))?.reconnect(false)
  only(mine(peers))?.destroy()
  await peers.clock.advance(59_000)
  expect(peers.opened()).toBe(0)
})

test.each(SIDES)('a connection that %s closes at once, each time, is made less and less often', async (_, mine) => {
  const peers = await setUp()
  mine(peers).on('connection', (connection) => connection.destroy())
  only(mine(peers))?.destroy()
  await peers.clock.advance(60_000)
  expect(peers.opened()).toBeLessThan(10)
  for (const swarm of [peers.dialler, peers.acceptor]) swarm.join(other)
  const before = peers.opened()
  await peers.clock.advance(20_000)
  expect(peers.opened() - before).toBeLessThan(4)
})

test('connect and joinPeer take the word back', async () => {
  const peers = await setUp()
  const key = peers.acceptor.keyPair.publicKey
  await peers.dialler.disconnect(key)
  const connecting = peers.dialler.connect(key)
  await peers.clock.advance(100)
  await connecting
  await peers.dialler.disconnect(key)
  peers.dialler.joinPeer(key)
  await peers.clock.advance(100)
  expect(peers.dialler.connections.size).toBe(1)
})
