import { expect, test } from 'vitest'
import type { DiscoveryFailure } from '../../../src/discovery/failure.js'
import type { DiscoveredPeer } from '../../../src/network/dht-node.js'
import { topicFrom } from '../../../src/util/topic.js'
import { discoverySetUp as setUp } from '../../support/discovery-queries.js'
import { bytes32, createFakeNetwork } from '../../support/fake-swarm.js'

const topic = topicFrom('discovery')
const HOUR_MS = 3_600_000

test('client looks up, server announces, both mode announces, which includes a lookup', async () => {
  const { clock, swarm, kinds } = setUp()
  swarm.join(bytes32(1), { server: false })
  swarm.join(bytes32(2), { client: false })
  swarm.join(bytes32(3))
  await clock.advance(0)
  expect(kinds().sort()).toEqual(['announce', 'announce', 'lookup'])
  expect([swarm.status(bytes32(1))?.isServer, swarm.status(bytes32(2))?.isClient]).toEqual([false, false])
})

test('a server that only announces does not dial the peers it finds', async () => {
  const { clock, network, swarm } = setUp()
  network.store(topic, { publicKey: bytes32(9), relayAddresses: [] })
  swarm.join(topic, { client: false })
  await clock.advance(60_000)
  expect([swarm.peers.size, swarm.node.dials.length]).toEqual([0, 0])
})

test('only the first announce withdraws what an earlier process left behind', async () => {
  const { clock, swarm } = setUp()
  const session = swarm.join(topic, { client: false })
  await session.flushed()
  await session.refresh()
  await clock.advance(0)
  expect(swarm.node.queries.map(({ options }) => options.clear)).toEqual([true, false])
})

test('an announcement that could not be withdrawn is withdrawn by the next attempt', async () => {
  const { clock, network, swarm } = setUp()
  swarm.join(topic, { server: false })
  const server = swarm.join(topic, { client: false })
  await clock.advance(10)
  network.queryFate = () => 'fail'
  await server.destroy()
  expect(network.announced(topic)).toHaveLength(1)
  network.queryFate = () => 'pass'
  await clock.advance(60_000)
  expect(network.announced(topic)).toHaveLength(0)
})

test('flushed waits for the query of the join, not for re-lookups', async () => {
  const { clock, network, swarm } = setUp()
  network.latencyMs = 5
  const session = swarm.join(topic)
  let isFlushed = false
  const flushed = session.flushed().then((result) => {
    isFlushed = true
    return result
  })
  await clock.advance(1)
  expect(isFlushed).toBe(false)
  await clock.advance(100)
  expect(await flushed).toBe(true)
  network.queryFate = () => 'hang'
  await clock.advance(400)
  expect(swarm.stats.queries.inFlight, 'a re-lookup that hangs').toBe(1)
  expect(await session.flushed()).toBe(true)
})

test('a failed query is counted, reported and repeated soon', async () => {
  const { clock, network, swarm, kinds } = setUp()
  network.queryFate = () => 'fail'
  const failures: DiscoveryFailure[] = []
  swarm.on('discovery-error', (failure) => failures.push(failure))
  const session = swarm.join(topic)
  expect(await session.flushed()).toBe(false)
  expect(swarm.stats.queries.failed).toBe(1)
  expect(failures).toMatchObject([{ topic, isServer: true, code: 'QUERY_FAILED', error: { code: 'QUERY_FAILED' } }])
  expect(failures[0]?.nextTryMs).toBe(7500)
  network.queryFate = () => 'pass'
  await clock.advance(8000)
  expect(kinds()[1]).toBe('announce')
  expect(network.announced(topic)).toHaveLength(1)
})

// A query that we ended ourselves was counted as a failure of the network.
test('a query ended by a leave or a suspension does not count as failed', async () => {
  const { clock, network, swarm } = setUp()
  network.queryFate = () => 'hang'
  swarm.join(topic)
  await clock.advance(0)
  await swarm.leave(topic)
  swarm.join(topic)
  await clock.advance(0)
  await swarm.suspend()
  await clock.advance(0)
  expect(swarm.stats.queries).toMatchObject({ total: 2, failed: 0, inFlight: 0, queued: 0 })
})

test('leave takes queued queries out of the queue', async () => {
  const { clock, network, swarm } = setUp({ maxQueries: 2 })
  network.queryFate = () => 'hang'
  for (let i = 0; i < 10; i++) swarm.join(bytes32(i), { server: false })
  await clock.advance(0)
  expect(swarm.stats.queries).toMatchObject({ inFlight: 2, queued: 8 })
  for (let i = 2; i < 10; i++) await swarm.leave(bytes32(i))
  expect(swarm.stats.queries).toMatchObject({ inFlight: 2, queued: 0, total: 2 })
})

test('flushed of a new topic is not starved by the refreshes of many others', async () => {
  const { clock, network, swarm } = setUp({ maxQueries: 4 })
  for (let i = 0; i < 100; i++) swarm.join(bytes32(i), { server: false })
  await clock.advance(60_000)
  network.queryFate = ({ topic: queried }) => (queried[0] === 200 ? 'pass' : 'hang')
  await clock.advance(HOUR_MS)
  expect(swarm.stats.queries.queued).toBeGreaterThan(50)
  expect(await swarm.join(bytes32(200), { server: false }).flushed()).toBe(true)
})

test('an announce cut short by a leave is withdrawn from the nodes that may have stored it', async () => {
  const { clock, network, swarm } = setUp()
  swarm.join(topic)
  await clock.advance(10)
  network.queryFate = () => 'hang'
  void swarm.status(topic)?.refresh()
  await clock.advance(0)
  await swarm.leave(topic)
  expect(network.announced(topic)).toEqual([])
  expect(swarm.node.unannounced[0]?.options.closestNodes).toHaveLength(20)
})

test('a join during the leave of the same topic waits for it, so that what it announces stays', async () => {
  const { clock, network, swarm } = setUp()
  network.latencyMs = 10
  swarm.join(topic)
  await clock.advance(100)
  network.latencyMs = 200
  const left = swarm.leave(topic)
  network.latencyMs = 10
  const session = swarm.join(topic)
  await clock.advance(1000)
  await left
  expect(await session.flushed()).toBe(true)
  expect(network.announced(topic)).toHaveLength(1)
})

test('a node that can watch a topic reports peers at once, until the topic is left', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  const node = network.createNode()
  let tell: ((peer: DiscoveredPeer) => void) | null = null
  const watch = (_topic: Uint8Array, onPeer: (peer: DiscoveredPeer) => void) => {
    tell = onPeer
    return () => {
      tell = null
    }
  }
  const swarm = createSwarm({ node: Object.assign(node, { watch }) })
  const server = createSwarm()
  await server.listen()
  swarm.join(topic, { server: false })
  await clock.advance(10)
  const onPeer = tell as ((peer: DiscoveredPeer) => void) | null
  onPeer?.({ publicKey: server.keyPair.publicKey, relayAddresses: [] })
  await clock.advance(10)
  expect(swarm.connections.size).toBe(1)
  await swarm.leave(topic)
  expect(tell).toBeNull()
})

test('our own announcement is not taken for a peer', async () => {
  const { clock, swarm } = setUp()
  swarm.join(topic)
  await clock.advance(60_000)
  expect(swarm.peers.size).toBe(0)
})

test('a peer on several topics is one peer, and emits an event for each topic', async () => {
  const { clock, createSwarm } = createFakeNetwork()
  const [server, swarm] = [createSwarm(), createSwarm()]
  const other = topicFrom('other')
  server.join(topic, { client: false })
  server.join(other, { client: false })
  await clock.advance(10)
  swarm.join(topic, { server: false })
  await clock.advance(10)
  const [info] = swarm.peers.values()
  const told: Uint8Array[] = []
  info?.on('topic', (added) => told.push(added))
  swarm.join(other, { server: false })
  await clock.advance(10)
  expect(told).toHaveLength(1)
  expect(info?.topics).toHaveLength(2)
  expect([swarm.peers.size, swarm.connections.size]).toEqual([1, 1])
})
