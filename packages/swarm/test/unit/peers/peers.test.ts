import { expect, test } from 'vitest'
import { createKeyPair } from '../../../src/util/keys.js'
import { topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork, type FakeSwarm } from '../../support/fake-swarm.js'

const topic = topicFrom('peers')
const otherTopic = topicFrom('other')
const HOUR_MS = 3_600_000

/** A client and a server that are connected through a topic. */
async function setUp() {
  const fake = createFakeNetwork()
  const server = fake.createSwarm()
  server.join(topic, { client: false })
  await fake.clock.advance(0)
  const client = fake.createSwarm({ jitter: 0 })
  client.join(topic, { server: false })
  await fake.clock.advanceUntil(() => client.connections.size === 1 && server.connections.size === 1)
  return { ...fake, server, client, key: server.keyPair.publicKey }
}

function only(swarm: FakeSwarm) {
  const [info] = swarm.peers.values()
  if (info === undefined) throw new Error('no peer')
  return info
}

test('a ban is emitted once, counted once, and blocks the peer both ways', async () => {
  const { clock, client, server } = await setUp()
  const bans: unknown[] = []
  client.on('ban', (info, error) => bans.push(info, error))
  const info = only(client)
  info.ban()
  info.ban(true)
  expect(bans).toEqual([info, null])
  expect(client.stats.bannedPeers).toBe(1)
  expect(client.connections.size, 'open connections stay').toBe(1)
  for (const connection of client.connections) connection.destroy()
  await client.listen()
  await expect(server.connect(client.keyPair.publicKey)).rejects.toMatchObject({ code: 'PEER_CONNECTION_FAILED' })
  await clock.advance(HOUR_MS)
  expect([client.connections.size, server.connections.size]).toEqual([0, 0])
  expect(client.stats.firewallRefusals).toBeGreaterThan(0)
})

test('a ban with a time to live ends automatically', async () => {
  const { clock, client } = await setUp()
  const info = only(client)
  info.ban(true, { ttlMs: 5000 })
  for (const connection of client.connections) connection.destroy()
  await clock.advance(4999)
  expect(info.banned).toBe(true)
  await clock.advance(1)
  expect(info.banned).toBe(false)
  await clock.advanceUntil(() => client.connections.size === 1)
})

test.each([0, -1, Number.NaN, '5'])('ban refuses ttlMs %s', async (ttlMs) => {
  const { client } = await setUp()
  expect(() => only(client).ban(true, { ttlMs: ttlMs as number })).toThrowError(
    expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('ttlMs') })
  )
  expect(only(client).banned).toBe(false)
})

test('disconnect closes the connection and leaves the peer alone until a lookup finds it again', async () => {
  const { clock, client, key } = await setUp()
  await client.disconnect(key)
  expect(client.connections.size).toBe(0)
  await clock.advance(60_000)
  expect(client.connections.size).toBe(0)
  await client.status(topic)?.refresh()
  await clock.advanceUntil(() => client.connections.size === 1, 1000)
})

test('disconnect ends a joinPeer, and joinPeer ends a disconnect', async () => {
  const { clock, client, key } = await setUp()
  client.joinPeer(key)
  await client.disconnect(key)
  expect([client.explicitPeers.size, only(client).explicit]).toEqual([0, false])
  client.joinPeer(key)
  await clock.advanceUntil(() => client.connections.size === 1, 1000)
})

test('disconnect from an unknown peer does nothing', async () => {
  const { client } = await setUp()
  await client.disconnect(createKeyPair().publicKey)
  expect(client.peers.size).toBe(1)
})

test('leave keeps connections; leave with close ends those that nothing else holds', async () => {
  const { client } = await setUp()
  await client.leave(topic)
  expect(client.connections.size).toBe(1)
  client.join(topic, { server: false })
  await client.leave(topic, { close: true })
  expect(client.connections.size).toBe(0)
})

test('leave with close keeps peers joined by key and peers on another joined topic', async () => {
  const { clock, client, server, key } = await setUp()
  server.join(otherTopic, { client: false })
  await clock.advance(0)
  client.join(otherTopic, { server: false })
  await clock.advanceUntil(() => only(client).topics.length === 2)
  await client.leave(topic, { close: true })
  expect(client.connections.size).toBe(1)
  client.joinPeer(key)
  await client.leave(otherTopic, { close: true })
  expect(client.connections.size).toBe(1)
  client.leavePeer(key)
  expect(client.connections.size).toBe(1)
})

test('leave with close ends a dial in progress for the topic', async () => {
  const { clock, network, createSwarm } = await setUp()
  network.dialFate = () => 'hang'
  const late = createSwarm()
  late.join(topic, { server: false })
  await clock.advance(0)
  expect(late.connecting).toBe(1)
  await late.leave(topic, { close: true })
  expect([late.connecting, late.peers.size]).toEqual([0, 0])
})

test('joinPeer keeps a connection, ignoring all limits, until leavePeer', async () => {
  const { clock, createSwarm, key } = await setUp()
  const swarm = createSwarm({ maxPeers: 0, maxClientConnections: 0, jitter: 0 })
  swarm.joinPeer(key)
  await clock.advanceUntil(() => swarm.connections.size === 1)
  expect([...swarm.explicitPeers]).toEqual([only(swarm)])
  for (const connection of swarm.connections) connection.destroy()
  await clock.advanceUntil(() => swarm.connections.size === 0)
  await clock.advanceUntil(() => swarm.connections.size === 1)
  swarm.leavePeer(key)
  for (const connection of swarm.connections) connection.destroy()
  await clock.advance(HOUR_MS)
  expect([swarm.connections.size, swarm.peers.size, swarm.explicitPeers.size]).toEqual([0, 0, 0])
})

test('a peer joined by key may connect to us, ignoring all limits', async () => {
  const { clock, createSwarm } = await setUp()
  const full = createSwarm({ maxPeers: 0, maxServerConnections: 0 })
  await full.listen()
  const friend = createSwarm()
  const stranger = createSwarm()
  full.joinPeer(friend.keyPair.publicKey)
  const connected = friend.connect(full.keyPair.publicKey)
  await clock.advance(10_000)
  expect((await connected).destroying).toBe(false)
  await expect(stranger.connect(full.keyPair.publicKey)).rejects.toMatchObject({ code: 'REMOTE_FULL' })
})

test('joinPeer of our own key does nothing', async () => {
  const { client } = await setUp()
  client.joinPeer(client.keyPair.publicKey)
  expect(client.explicitPeers.size).toBe(0)
})

test('the side that accepted a connection leaves redialling to the side that dialled', async () => {
  const { clock, client, server } = await setUp()
  server.join(topic)
  await clock.advance(100)
  for (const connection of client.connections) connection.destroy(new Error('lost'))
  await clock.advanceUntil(() => client.connections.size === 0)
  await clock.advanceUntil(() => client.connections.size === 1 && server.connections.size === 1)
  expect(server.node.dials).toEqual([])
})

// hyperswarm 4.17 forgets a peer whose link opened and died young four times, until the next refresh.
test('a link that keeps dying young is tried again and again', async () => {
  const { clock, client } = await setUp()
  for (let death = 0; death < 20; death++) {
    await clock.advanceUntil(() => client.connections.size === 1, 700_000)
    for (const connection of client.connections) connection.destroy(new Error('died young'))
    await clock.advanceUntil(() => client.connections.size === 0)
  }
  expect(client.stats.queries.total).toBeLessThan(10 + 20)
  await clock.advanceUntil(() => client.connections.size === 1, 700_000)
})

// When its connection ended, the peer itself filled the free place at once, despite reconnect(false) and the backoff.
test('a peer with reconnect(false) is not redialled', async () => {
  const { clock, client } = await setUp()
  await clock.advance(60_000)
  only(client).reconnect(false)
  for (const connection of client.connections) connection.destroy()
  await clock.advance(500_000)
  expect(client.connections.size).toBe(0)
})

test('a failed dial is reported with stage, code, attempt and the wait until the next attempt', async () => {
  const { clock, network, createSwarm, key } = await setUp()
  const swarm = createSwarm({ backoffs: [100, 200, 400, 800], jitter: 0 })
  network.dialFate = () => ({ code: 'PEER_NOT_FOUND' })
  const failures: unknown[] = []
  swarm.on('dial-error', ({ publicKey, stage, code, attempt, nextTryMs, error }) => {
    failures.push([publicKey === only(swarm).publicKey, stage, code, attempt, nextTryMs, error?.message])
  })
  swarm.joinPeer(key)
  await clock.advance(700)
  expect(failures).toEqual([
    [true, 'find', 'PEER_NOT_FOUND', 1, 200, 'PEER_NOT_FOUND'],
    [true, 'find', 'PEER_NOT_FOUND', 2, 400, 'PEER_NOT_FOUND'],
    [true, 'find', 'PEER_NOT_FOUND', 3, 800, 'PEER_NOT_FOUND']
  ])
})

test('an unreachable peer is given up until it is found again', async () => {
  const { clock, network, createSwarm } = await setUp()
  network.dialFate = () => ({ code: 'PEER_CONNECTION_FAILED' })
  const swarm = createSwarm({ backoffs: [10, 10, 10, 10], jitter: 0 })
  const nextTries: Array<number | null> = []
  swarm.on('dial-error', ({ nextTryMs }) => nextTries.push(nextTryMs))
  swarm.join(topic, { server: false })
  await clock.advance(100_000)
  expect(nextTries.at(-1)).toBeNull()
  expect(swarm.peers.size).toBe(0)
  network.dialFate = () => 'pass'
  await clock.advanceUntil(() => swarm.connections.size === 1)
})

// hyperswarm 4.17 keeps a PeerInfo for every stranger that it has refused.
test('1000 refused strangers leave nothing behind', async () => {
  const { clock, createSwarm } = createFakeNetwork()
  const server = createSwarm({ firewall: () => true })
  const full = createSwarm({ maxServerConnections: 0 })
  await Promise.all([server.listen(), full.listen()])
  const stranger = createSwarm()
  for (let i = 0; i < 1000; i++) {
    const target = i % 2 ? server : full
    stranger.node.connect(target.keyPair.publicKey, { keyPair: createKeyPair() }).on('error', () => {})
  }
  await clock.advance(20_000)
  expect([server.stats.firewallRefusals, full.stats.limitRefusals]).toEqual([500, 500])
  expect([server.peers.size, full.peers.size]).toEqual([0, 0])
})

test('strangers that came and went leave nothing behind', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  const server = createSwarm()
  await server.listen()
  const node = network.createNode()
  for (let i = 0; i < 100; i++) {
    const connection = node.connect(server.keyPair.publicKey, { keyPair: createKeyPair() })
    connection.on('error', () => {})
    // Some open and close, others are given up half way.
    if (i % 2) connection.once('open', () => connection.destroy())
    else queueMicrotask(() => connection.destroy())
  }
  await clock.advance(20_000)
  expect([server.connections.size, server.peers.size]).toEqual([0, 0])
})

test('the re-lookups after a join do not hurry a peer that failed; a requested lookup does', async () => {
  const { clock, network, createSwarm } = await setUp()
  network.dialFate = () => ({ code: 'PEER_CONNECTION_FAILED' })
  const swarm = createSwarm({ backoffs: [600_000], jitter: 0 })
  swarm.join(topic, { server: false })
  await clock.advance(60_000)
  expect(swarm.stats.queries.relookups).toBe(5)
  expect(swarm.node.dials).toHaveLength(1)
  await swarm.status(topic)?.refresh()
  await clock.advance(10)
  expect(swarm.node.dials).toHaveLength(2)
})

test('a joined peer is redialled automatically when its ban ends or is lifted', async () => {
  const { clock, createSwarm } = createFakeNetwork()
  const [server, client] = [createSwarm(), createSwarm()]
  await server.listen()
  for (const lift of ['time', 'call'] as const) {
    client.joinPeer(server.keyPair.publicKey)
    await clock.advanceUntil(() => client.connections.size === 1)
    const info = only(client)
    info.ban(true, lift === 'time' ? { ttlMs: HOUR_MS } : {})
    for (const connection of client.connections) connection.destroy()
    await clock.advanceUntil(() => client.connections.size === 0)
    if (lift === 'time') await clock.advance(HOUR_MS)
    else info.ban(false)
    await clock.advanceUntil(() => client.connections.size === 1)
  }
})

test('a disconnected peer is forgotten with the last topic', async () => {
  const { client, key } = await setUp()
  await client.disconnect(key)
  expect(client.peers.size).toBe(1)
  await client.leave(topic)
  expect(client.peers.size).toBe(0)
})

test('a higher limit takes effect at once', async () => {
  const { clock, createSwarm } = createFakeNetwork()
  const servers = [createSwarm(), createSwarm()]
  for (const server of servers) server.join(topic, { client: false })
  await clock.advance(0)
  const client = createSwarm({ maxPeers: 1 })
  client.join(topic, { server: false })
  await clock.advanceUntil(() => client.connections.size === 1)
  client.maxPeers = 2
  await clock.advanceUntil(() => client.connections.size === 2)
})

test('a joined topic does not change when the caller changes its bytes', async () => {
  const { createSwarm } = createFakeNetwork()
  const swarm = createSwarm()
  const mine = Uint8Array.from(topic)
  swarm.join(mine)
  mine.fill(0)
  expect(swarm.status(topic)?.topic).toEqual(Buffer.from(topic))
})
