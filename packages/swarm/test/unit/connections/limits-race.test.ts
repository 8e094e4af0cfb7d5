import { expect, test } from 'vitest'
import { fc } from '../../../../runtime/test/support/properties.js'
import { createKeyPair } from '../../../src/util/keys.js'
import { topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork, createRandom, type FakeSwarm } from '../../support/fake-swarm.js'

const topic = topicFrom('limits')

/** Checks the limits at each event; returns what it saw. */
function watch(swarm: FakeSwarm, maxPeers: number, maxClients: number, maxServers: number) {
  const seen = { most: 0, excesses: 0 }
  const look = () => {
    const clients = [...swarm.connections].filter(({ isInitiator }) => isInitiator).length
    const servers = swarm.connections.size - clients
    seen.most = Math.max(seen.most, swarm.connections.size)
    if (swarm.connections.size > maxPeers || clients > maxClients || servers > maxServers) seen.excesses++
  }
  swarm.on('update', look)
  swarm.on('connection', look)
  return seen
}

// hyperswarm 4.17 never reads maxServerConnections, and asks a Set of connections for a hex string.
test('hundreds of racing connections, both ways, never exceed a limit at any event', async () => {
  const limit = fc.integer({ min: 0, max: 20 })
  await fc.assert(
    fc.asyncProperty(
      limit,
      limit,
      limit,
      fc.nat(),
      async (maxPeers, maxClientConnections, maxServerConnections, seed) => {
        const { clock, createSwarm, destroy, network } = createFakeNetwork()
        const random = createRandom(seed)
        const swarm = createSwarm({ maxPeers, maxClientConnections, maxServerConnections, maxParallel: 30 })
        const seen = watch(swarm, maxPeers, maxClientConnections, maxServerConnections)
        await swarm.listen()
        const node = network.createNode()
        for (let i = 0; i < 60; i++) {
          const keyPair = createKeyPair()
          const server = node.createServer({}, (connection) => connection.on('error', () => {}))
          await server.listen(keyPair)
          network.store(topic, { publicKey: keyPair.publicKey, relayAddresses: [] })
          network.clock.schedule(() => {
            const connection = node.connect(swarm.keyPair.publicKey, { keyPair: i % 3 ? keyPair : createKeyPair() })
            connection.on('error', () => {})
            if (random() < 0.3) connection.once('open', () => connection.destroy())
          }, random() * 40)
        }
        network.latencyMs = 5
        swarm.join(topic)
        await clock.advance(60_000)
        expect(seen.excesses).toBe(0)
        // With room on at least one side, the limit is reached and not merely respected.
        expect(seen.most).toBeGreaterThanOrEqual(Math.min(maxPeers, maxClientConnections))
        await destroy()
      }
    ),
    { numRuns: 15 }
  )
})

// hyperswarm 4.17 made 8 connections at a limit of 2.
test("a topic's limit holds among racing dials, and a freed place is filled again", async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.latencyMs = 5
  const servers = Array.from({ length: 8 }, () => createSwarm())
  for (const server of servers) server.join(topic, { client: false })
  await clock.advance(100)
  const swarm = createSwarm()
  const seen = watch(swarm, 2, 2, 2)
  swarm.join(topic, { server: false, limit: 2 })
  await clock.advance(5000)
  expect([seen.most, seen.excesses, swarm.connections.size]).toEqual([2, 0, 2])
  const [first] = swarm.connections
  first?.destroy()
  await clock.advance(5000)
  expect([seen.excesses, swarm.connections.size]).toEqual([0, 2])
})

test("a topic's limit holds for peers that connect to us and prove the topic", async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.latencyMs = 5
  const swarm = createSwarm()
  swarm.join(topic, { client: false, limit: 2 })
  await clock.advance(100)
  const seen = watch(swarm, 2, 0, 2)
  const clients = Array.from({ length: 8 }, () => createSwarm())
  for (const client of clients) client.join(topic, { server: false })
  await clock.advance(5000)
  expect([seen.excesses, swarm.connections.size]).toEqual([0, 2])
  expect(swarm.stats.limitRefusals).toBeGreaterThanOrEqual(6)
})

test('the limits can be changed at run time', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.latencyMs = 5
  const servers = Array.from({ length: 4 }, () => createSwarm())
  for (const server of servers) server.join(topic, { client: false })
  await clock.advance(100)
  const swarm = createSwarm({ maxPeers: 1, maxParallel: 1, maxClientConnections: 3, maxServerConnections: 4 })
  expect([swarm.maxPeers, swarm.maxParallel, swarm.maxClientConnections, swarm.maxServerConnections]).toEqual([
    1, 1, 3, 4
  ])
  swarm.join(topic, { server: false })
  await clock.advance(1000)
  expect(swarm.connections.size).toBe(1)
  swarm.maxPeers = 10
  swarm.maxParallel = 4
  swarm.maxClientConnections = 4
  swarm.maxServerConnections = 1
  void swarm.status(topic)?.refresh()
  await clock.advance(1000)
  expect(swarm.connections.size).toBe(4)
})

test("a peer over a topic's limit is forgotten when the topic is left", async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.latencyMs = 5
  const servers = Array.from({ length: 4 }, () => createSwarm())
  for (const server of servers) server.join(topic, { client: false })
  await clock.advance(100)
  const swarm = createSwarm()
  swarm.join(topic, { server: false, limit: 1 })
  await clock.advance(1000)
  expect([swarm.connections.size, swarm.peers.size]).toEqual([1, 4])
  const left = swarm.leave(topic, { close: true })
  await clock.advance(1000)
  await left
  expect([swarm.connections.size, swarm.peers.size]).toEqual([0, 0])
})
