import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import type { DiscoveryFailure } from '../../../src/discovery/failure.js'
import type { DiscoveredPeer } from '../../../src/network/dht-node.js'
import { createKeyPair, publicKeyHex } from '../../../src/util/keys.js'
import { topicFrom } from '../../../src/util/topic.js'
import { bytes32, createFakeNetwork, type FakeSwarmOptions } from '../../support/fake-swarm.js'

const topic = topicFrom('discovery')
// The 'events' package of the browser build hides Node's own declaration.
const { getEventListeners } = createRequire(import.meta.url)('node:events') as {
  getEventListeners(target: AbortSignal, event: string): unknown[]
}
const HOUR_MS = 3_600_000

function setUp(options: FakeSwarmOptions = {}) {
  const fake = createFakeNetwork()
  const swarm = fake.createSwarm({ random: () => 0.5, ...options })
  const kinds = () => swarm.node.queries.map(({ kind }) => kind)
  return { ...fake, swarm, kinds }
}

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

// The first announce of hyperswarm 4.17 looks before anybody has stored; the next look is 10 minutes later.
test('swarms that join at the same moment find each other by re-lookups, within seconds', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.latencyMs = 20
  const swarms = Array.from({ length: 8 }, (_, i) => createSwarm({ seed: bytes32(i + 1) }))
  for (const swarm of swarms) swarm.join(topic)
  await clock.advance(5000)
  expect(swarms.map(({ connections }) => connections.size)).toEqual(swarms.map(() => 7))
  expect(swarms[0]?.stats.queries.relookups).toBeGreaterThan(0)
})

test('re-lookups ask a few of the nodes nearest to the topic, on a growing schedule, and then come refreshes', async () => {
  const { clock, swarm, kinds } = setUp()
  swarm.join(topic)
  await clock.advance(60_000)
  expect(kinds()).toEqual(['announce', ...Array(5).fill('lookup')])
  expect(swarm.node.queries[1]?.options).toMatchObject({ onlyClosestNodes: true })
  expect(swarm.node.queries[1]?.options.closestNodes).toHaveLength(5)
  expect(swarm.stats.queries).toMatchObject({ relookups: 5, total: 6, failed: 0, inFlight: 0, queued: 0 })
  await clock.advance(2 * HOUR_MS)
  const refreshes = kinds().slice(6)
  expect(new Set(refreshes)).toEqual(new Set(['announce']))
  expect(refreshes.length).toBeGreaterThanOrEqual(10)
  expect(refreshes.length).toBeLessThanOrEqual(12)
})

/** A topic of which each query tells 20 peers, in turn; none but those of `real` exist. */
function crowd(count: number, real: readonly number[]) {
  const { clock, createSwarm, network } = createFakeNetwork()
  const keyOf = (i: number) => createKeyPair(bytes32(i + 1))
  network.dialFate = (_from, to) =>
    real.some((i) => publicKeyHex(keyOf(i).publicKey) === to) ? 'pass' : { code: 'PEER_NOT_FOUND' }
  for (const i of real) createSwarm({ keyPair: keyOf(i) }).join(topic, { client: false })
  let queryCount = 0
  const told = () => Array.from({ length: 20 }, (_, i) => (20 * queryCount + i) % count)
  network.announced = () => {
    const peers = told().map((i) => ({ publicKey: keyOf(i).publicKey, relayAddresses: [] }))
    queryCount++
    return peers
  }
  const swarm = createSwarm({ seed: bytes32(250) })
  return { clock, swarm, lookups: () => swarm.node.queries.length }
}

// Each node tells 20 peers at random. One that hid among 400 invented keys was found after minutes, or never.
test('a real peer among many invented ones is found by asking all of the nearest nodes again and again', async () => {
  const { clock, swarm } = crowd(200, [150])
  swarm.join(topic, { server: false })
  await clock.advance(20_000)
  expect(swarm.connections.size).toBe(1)
  expect(swarm.node.queries[1]?.options).toMatchObject({ onlyClosestNodes: true })
  expect(swarm.node.queries[1]?.options.closestNodes).toHaveLength(20)
})

// When the first query ends, the dials have just begun: one sweep follows.
test('a crowded topic is swept no more once it has enough connections, or wants no more', async () => {
  const everyone = Array.from({ length: 20 }, (_, i) => i)
  const { clock, swarm, lookups } = crowd(20, everyone)
  swarm.join(topic, { server: false })
  await clock.advance(60_000)
  expect([swarm.connections.size, lookups()]).toEqual([20, 7])
  const limited = crowd(20, everyone)
  limited.swarm.join(topic, { server: false, limit: 2 })
  await limited.clock.advance(60_000)
  expect([limited.swarm.connections.size, limited.lookups()]).toEqual([2, 7])
})

test('only the first announce withdraws what an earlier process left behind', async () => {
  const { clock, swarm } = setUp()
  const session = swarm.join(topic, { client: false })
  await session.flushed()
  await session.refresh()
  await clock.advance(0)
  expect(swarm.node.queries.map(({ options }) => options.clear)).toEqual([true, false])
})

test('sessions of one topic share its discovery, and the last to end leaves the topic', async () => {
  const { clock, network, swarm } = setUp()
  const [one, two] = [swarm.join(topic), swarm.join(topic, { server: false })]
  expect(one.discovery).toBe(two.discovery)
  expect([one.topic, one.swarm]).toEqual([two.topic, swarm])
  await clock.advance(10)
  await two.destroy()
  expect(swarm.status(topic)).not.toBeNull()
  expect(network.announced(topic)).toHaveLength(1)
  await one.destroy()
  expect(swarm.status(topic)).toBeNull()
  expect(network.announced(topic)).toHaveLength(0)
})

test('the announcement ends with the last announcing session, while others keep looking', async () => {
  const { clock, network, swarm, kinds } = setUp()
  swarm.join(topic, { server: false })
  const server = swarm.join(topic, { client: false })
  await clock.advance(10)
  expect(network.announced(topic)).toHaveLength(1)
  await server.destroy()
  expect(network.announced(topic)).toHaveLength(0)
  expect(kinds().at(-1)).toBe('lookupAndUnannounce')
  expect(swarm.status(topic)).toMatchObject({ isClient: true, isServer: false })
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

test("refresh changes a session's mode and limit, and looks up at once", async () => {
  const { clock, swarm, kinds } = setUp()
  const session = swarm.join(topic, { server: false })
  await clock.advance(10)
  expect(await session.refresh({ server: true, limit: 3 })).toBe(true)
  expect(kinds().at(-1)).toBe('announce')
  expect([session.isServer, session.isClient, session.limit]).toEqual([true, true, 3])
  expect(await session.refresh()).toBe(true)
  expect([session.isServer, session.isClient, session.limit]).toEqual([true, true, 3])
})

test("a topic's limit is the largest of its sessions'", async () => {
  const { swarm } = setUp()
  const small = swarm.join(topic, { limit: 2 })
  expect(swarm.status(topic)?.limit).toBe(2)
  const large = swarm.join(topic, { limit: 5 })
  expect(swarm.status(topic)?.limit).toBe(5)
  await large.destroy()
  expect(swarm.status(topic)?.limit).toBe(2)
  swarm.join(topic)
  expect(swarm.status(topic)?.limit).toBe(Number.POSITIVE_INFINITY)
  expect(small.destroyed).toBe(false)
})

test.each([
  ['client', { client: 1 }],
  ['server', { server: 'yes' }],
  ['limit', { limit: -1 }],
  ['limit', { limit: 1.5 }],
  ['client and server', { client: false, server: false }],
  ['signal', { signal: {} }]
])('join refuses a bad %s and does nothing', async (name, options) => {
  const { swarm } = setUp()
  const refusal = expect.objectContaining({
    name: 'TypeError',
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining(name)
  })
  expect(() => swarm.join(topic, options as object)).toThrowError(refusal)
  expect(swarm.status(topic)).toBeNull()
  const session = swarm.join(topic)
  if (name === 'signal') return
  await expect(session.refresh(options as object)).rejects.toThrowError(refusal)
  expect([session.isClient, session.isServer, session.limit]).toEqual([true, true, Number.POSITIVE_INFINITY])
})

test('an AbortSignal ends only its own session', async () => {
  const { clock, swarm } = setUp()
  const abort = new AbortController()
  const aborted = swarm.join(topic, { signal: abort.signal })
  const other = swarm.join(topic)
  abort.abort()
  await clock.advance(10)
  expect([aborted.destroyed, other.destroyed]).toEqual([true, false])
  expect(swarm.status(topic)).not.toBeNull()
})

test('join with an aborted signal throws and joins nothing', () => {
  const { swarm } = setUp()
  expect(() => swarm.join(topic, { signal: AbortSignal.abort() })).toThrowError(
    expect.objectContaining({ code: 'ABORTED' })
  )
  expect(swarm.status(topic)).toBeNull()
})

// With a listener per call, Node would warn of a leak from the eleventh call on.
test('any number of sessions on one signal put one listener on it, and end with it', async () => {
  const { clock, swarm } = setUp()
  const abort = new AbortController()
  const sessions = Array.from({ length: 50 }, (_, i) => swarm.join(bytes32(i), { signal: abort.signal }))
  expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1)
  await sessions[0]?.destroy()
  await swarm.leave(bytes32(1))
  abort.abort()
  await clock.advance(10)
  expect(sessions.every(({ destroyed }) => destroyed)).toBe(true)
  expect([...swarm.topics()]).toEqual([])
})

test('a session that has already ended is not affected by its signal', async () => {
  const { clock, swarm } = setUp()
  const abort = new AbortController()
  await swarm.join(topic, { signal: abort.signal }).destroy()
  swarm.join(topic)
  abort.abort()
  await clock.advance(10)
  expect(swarm.status(topic)).not.toBeNull()
})

test('await using ends a session at the end of its block', async () => {
  const { swarm } = setUp()
  {
    await using session = swarm.join(topic)
    expect(session.destroyed).toBe(false)
  }
  expect(swarm.status(topic)).toBeNull()
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

test('a destroyed session or topic refuses further use with DESTROYED', async () => {
  const { swarm } = setUp()
  const session = swarm.join(topic)
  const discovery = swarm.status(topic)
  await session.destroy()
  await session.destroy()
  await expect(session.refresh()).rejects.toMatchObject({ code: 'DESTROYED' })
  await expect(discovery?.refresh()).rejects.toMatchObject({ code: 'DESTROYED' })
  expect([discovery?.destroyed, await session.flushed()]).toEqual([true, false])
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
