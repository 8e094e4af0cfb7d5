import { expect, test } from 'vitest'
import { createKeyPair } from '../../../src/util/keys.js'
import { topicFrom } from '../../../src/util/topic.js'
import { FakeProbe } from '../../support/fake-probe.js'
import { createFakeNetwork } from '../../support/fake-swarm.js'

const topic = topicFrom('outage')

function setUp() {
  const fake = createFakeNetwork()
  const probe = new FakeProbe(fake.network)
  const swarm = fake.createSwarm({ probe })
  const heard: unknown[] = []
  swarm.on('offline', (state) => heard.push(state.reason))
  swarm.on('online', () => heard.push('online'))
  return { ...fake, probe, swarm, heard }
}

// Started offline, a swarm waited for its first query's time-out, then longer and longer, without a word.
test('a swarm that starts without a network says so, and finds its peers as soon as there is one', async () => {
  const { clock, createSwarm, heard, network, probe, swarm } = setUp()
  const other = createSwarm()
  other.join(topic)
  await clock.advance(1000)
  network.isDark = true
  const flushed = swarm.join(topic).flushed()
  probe.watcher?.onSuspicion()
  await clock.advance(10_000)
  expect([heard, swarm.online, swarm.offline?.reason]).toEqual([['NO_ANSWER'], false, 'NO_ANSWER'])
  expect(swarm.offline?.nextTryMs).toBeGreaterThan(0)
  network.isDark = false
  await clock.advanceUntil(() => swarm.connections.size === 1, 4000)
  expect([heard, swarm.online, swarm.offline]).toEqual([['NO_ANSWER', 'online'], true, null])
  expect(await flushed).toBe(true)
})

// Dials of the dark hung for up to a minute, and their peers waited longer each time, ten minutes in the end.
test('after an outage, peers are dialled at once, as if none had failed', async () => {
  const { clock, createSwarm, network, probe, swarm } = setUp()
  const other = createSwarm()
  other.join(topic, { client: false })
  await clock.advance(100)
  swarm.join(topic, { server: false })
  await clock.advanceUntil(() => swarm.connections.size === 1)
  network.isDark = true
  for (const connection of swarm.connections)
    connection.destroy(Object.assign(new Error('lost'), { code: 'ETIMEDOUT' }))
  await clock.advance(600_000)
  expect([swarm.online, swarm.connections.size]).toEqual([false, 0])
  const announced = probe.announced
  network.isDark = false
  await clock.advanceUntil(() => swarm.connections.size === 1, 4000)
  expect(probe.revived).toBe(1)
  expect(probe.announced).toBe(announced)
})

test('the server is announced again after an outage, without waiting for its own time', async () => {
  const { clock, network, probe, swarm } = setUp()
  await swarm.listen()
  network.isDark = true
  probe.watcher?.onSuspicion()
  await clock.advance(60_000)
  expect(probe.announced).toBe(0)
  network.isDark = false
  await clock.advanceUntil(() => probe.announced === 1, 4000)
})

// Twelve dark seconds are enough for a HyperDHT server to lose all its nodes; it tries again after five minutes.
test('a server that no node knows is announced again, less and less often', async () => {
  const { clock, probe, swarm } = setUp()
  await swarm.listen()
  await clock.advance(60_000)
  expect(probe.announced).toBe(0)
  probe.hasRelays = false
  await clock.advance(3000)
  expect(probe.announced).toBe(1)
  await clock.advance(3_600_000)
  expect(probe.announced).toBeLessThan(30)
  probe.hasRelays = true
  await clock.advance(300_000)
  probe.hasRelays = false
  const before = probe.announced
  await clock.advance(3000)
  expect(probe.announced).toBe(before + 1)
})

test('an idle swarm that is online asks nothing', async () => {
  const { clock, createSwarm, probe, swarm } = setUp()
  createSwarm().join(topic)
  swarm.join(topic)
  await clock.advance(3_600_000)
  expect([swarm.connections.size, probe.asked]).toEqual([1, 0])
})

// The machine slept: the remote has given the connection up, but this side held it, and refused to dial, for half a minute.
test('after a break, connections without a sign of life are ended and dialled again', async () => {
  const { clock, createSwarm, probe, swarm } = setUp()
  const other = createSwarm()
  other.join(topic, { client: false })
  await clock.advance(100)
  swarm.join(topic, { server: false })
  await clock.advanceUntil(() => swarm.connections.size === 1)
  const [before] = swarm.connections
  const raw = before?.rawStream as unknown as { packetsReceived: number }
  raw.packetsReceived = 7
  probe.watcher?.onBreak()
  await clock.advance(1000)
  raw.packetsReceived = 8
  await clock.advance(10_000)
  expect([...swarm.connections]).toEqual([before])
  probe.watcher?.onBreak()
  await clock.advanceUntil(() => swarm.connections.size === 1 && !swarm.connections.has(before as never), 5000)
})

// HyperDHT notices another address after up to five seconds, and what was sent from the old one waited for two more.
test('after a move, a connection whose path is gone ends within a second and is dialled again; another stays', async () => {
  const { clock, createSwarm, probe, swarm } = setUp()
  for (const name of [topic, topicFrom('other')]) createSwarm().join(name, { client: false })
  await clock.advance(100)
  for (const name of [topic, topicFrom('other')]) swarm.join(name, { server: false })
  await clock.advanceUntil(() => swarm.connections.size === 2)
  const [gone, alive] = [...swarm.connections]
  const streams = [gone, alive].map((connection) =>
    Object.assign(connection?.rawStream as object, { packetsReceived: 7 })
  )
  probe.watcher?.onMove()
  await clock.advance(100)
  Object.assign(streams[1] as object, { packetsReceived: 8 })
  await clock.advanceUntil(() => swarm.connections.size === 2 && !swarm.connections.has(gone as never), 1000)
  expect(swarm.connections.has(alive as never)).toBe(true)
})

test('a change of addresses that the node reports later is not another move', async () => {
  const { clock, probe, swarm } = setUp()
  probe.watcher?.onMove()
  await clock.advance(3000)
  const { asked } = probe
  swarm.node.emit('network-change')
  await clock.advance(3000)
  expect(probe.asked).toBe(asked)
  await clock.advance(3000)
  swarm.node.emit('network-change')
  await clock.advance(3000)
  expect(probe.asked).toBe(asked + 1)
})

// A client that nobody can dial kept the connection to a server that was killed and started again for eight seconds.
test('a peer that was restarted says that it knows no connection, and is dialled again', async () => {
  const { clock, createSwarm, swarm } = setUp()
  const keyPair = createKeyPair()
  createSwarm({ keyPair }).join(topic, { client: false })
  await clock.advance(100)
  swarm.join(topic, { server: false })
  await clock.advanceUntil(() => swarm.connections.size === 1)
  const [before] = swarm.connections
  const restarted = createSwarm({ keyPair })
  await restarted.listen()
  Object.assign(before?.rawStream as object, { packetsReceived: 7, inflight: 100 })
  await clock.advanceUntil(() => restarted.connections.size === 1, 4000)
  expect(swarm.connections.has(before as never)).toBe(false)
})

// The question that was asked while the peer was starting waited for ten seconds, and no other was asked meanwhile.
test('a question to a peer that is just starting is given up and asked again', async () => {
  const { clock, createSwarm, network, swarm } = setUp()
  const keyPair = createKeyPair()
  createSwarm({ keyPair }).join(topic, { client: false })
  await clock.advance(100)
  swarm.join(topic, { server: false })
  await clock.advanceUntil(() => swarm.connections.size === 1)
  const [before] = swarm.connections
  const dials = swarm.node.dials.length
  network.dialFate = () => 'hang'
  Object.assign(before?.rawStream as object, { packetsReceived: 7, inflight: 100 })
  await clock.advanceUntil(() => swarm.node.dials.length > dials, 4000)
  network.dialFate = () => 'pass'
  const restarted = createSwarm({ keyPair })
  await restarted.listen()
  await clock.advanceUntil(() => restarted.connections.size === 1, 4500)
})

test('a peer that still knows the connection keeps it', async () => {
  const { clock, createSwarm, swarm } = setUp()
  createSwarm().join(topic, { client: false })
  await clock.advance(100)
  swarm.join(topic, { server: false })
  await clock.advanceUntil(() => swarm.connections.size === 1)
  const [before] = swarm.connections
  const dials = swarm.node.dials.length
  Object.assign(before?.rawStream as object, { packetsReceived: 7, inflight: 100 })
  await clock.advance(7000)
  expect(swarm.node.dials.length, 'it was asked').toBeGreaterThan(dials)
  expect([...swarm.connections]).toEqual([before])
})

// Time-outs of an outage left a swarm with three dials at a time, which grew by one with each success.
test('after an outage, as many dials may be in progress as before', async () => {
  const { clock, createSwarm, network, probe, swarm } = setUp()
  for (let i = 0; i < 30; i++) createSwarm().join(topic, { client: false })
  await clock.advance(100)
  swarm.join(topic, { server: false })
  network.dialFate = () => 'hang'
  await clock.advance(120_000)
  const attempted = swarm.stats.connects.client.attempted
  expect(swarm.connecting).toBe(3)
  probe.watcher?.onBreak()
  await clock.advance(1000)
  expect(swarm.stats.connects.client.attempted - attempted).toBeGreaterThan(3)
  expect(swarm.connecting).toBe(8)
})

test('flushed tells a failure each time it is asked, until a later query succeeds', async () => {
  const { clock, network, swarm } = setUp()
  network.queryFate = () => 'fail'
  const session = swarm.join(topic)
  await clock.advance(0)
  expect([await session.flushed(), await session.flushed()]).toEqual([false, false])
  network.queryFate = () => 'pass'
  await clock.advance(20_000)
  expect(await session.flushed()).toBe(true)
})

// A query that no node answers ended like one that finds nobody: the next look came ten minutes later.
test('an empty query is a failure, and is repeated soon', async () => {
  const { clock, network, swarm } = setUp()
  network.nodesNear = () => []
  const session = swarm.join(topic, { server: false })
  await clock.advance(0)
  expect(await session.flushed()).toBe(false)
  const { total } = swarm.stats.queries
  await clock.advance(11_000)
  expect(swarm.stats.queries.total).toBe(total + 1)
})

test('a suspended swarm asks nothing and reports nothing', async () => {
  const { clock, heard, network, probe, swarm } = setUp()
  swarm.join(topic)
  await clock.advance(100)
  const suspended = swarm.suspend()
  await clock.advance(100)
  await suspended
  network.isDark = true
  expect(probe.watcher).toBeNull()
  await clock.advance(600_000)
  expect([heard, probe.asked, clock.liveTimers]).toEqual([[], 0, 0])
})
