/** Every row of the peopleswarm and hyperswarm 4 table in docs/migrating.md. */
import { createKeyPair, Swarm } from '@swarmway/swarm'
import b4a from 'b4a'
import { expect, onTestFinished } from 'vitest'
import { freshTopic } from '../../../../runtime/test/support/topics.js'
import { uncaught } from '../../../../runtime/test/support/uncaught.js'
import { createFakeNetwork, type FakeSwarm, type FakeSwarmOptions } from '../../support/fake-swarm.js'
import { errorOf, testRows } from '../../support/migrating.js'

/** Two connected swarms on a topic, each with its info about the other. */
async function connected(options: FakeSwarmOptions = {}) {
  const { clock, network, createSwarm } = createFakeNetwork()
  const topic = freshTopic()
  const [server, client] = [createSwarm(), createSwarm(options)]
  const connections: [FakeSwarm, Uint8Array][] = []
  for (const swarm of [server, client]) {
    swarm.on('connection', (connection) => connections.push([swarm, connection.remotePublicKey]))
  }
  await server.join(topic, { client: false }).flushed()
  const session = client.join(topic, { server: false })
  await clock.advanceUntil(() => connections.length === 2)
  const info = client.peers.get(hex(server)) as NonNullable<ReturnType<typeof client.peers.get>>
  const serverInfo = server.peers.get(hex(client)) as typeof info
  return { clock, network, createSwarm, topic, server, client, session, connections, info, serverInfo }
}

function hex(swarm: FakeSwarm): never {
  return hexOf(swarm.keyPair.publicKey)
}

function hexOf(publicKey: Uint8Array): never {
  return b4a.toString(publicKey, 'hex') as never
}

testRows('peopleswarm and hyperswarm 4', {
  keyPair: () => {
    const keyPair = createKeyPair()
    expect(createFakeNetwork().createSwarm({ keyPair }).keyPair).toBe(keyPair)
  },
  seed: () => {
    const seed = new Uint8Array(32).fill(4)
    const { createSwarm } = createFakeNetwork()
    expect(createSwarm({ seed }).keyPair.publicKey).toEqual(createSwarm({ seed }).keyPair.publicKey)
  },
  maxPeers: async () => {
    const { clock, createSwarm } = createFakeNetwork()
    const topic = freshTopic()
    const swarm = createSwarm({ maxPeers: 2 })
    for (const other of [swarm, createSwarm(), createSwarm(), createSwarm()]) other.join(topic)
    await clock.advance(60_000)
    expect(swarm.connections.size).toBe(2)
  },
  firewall: async () => {
    const { clock, createSwarm } = createFakeNetwork()
    const topic = freshTopic()
    const [closed, other] = [createSwarm({ firewall: () => true }), createSwarm()]
    for (const swarm of [closed, other]) swarm.join(topic)
    await clock.advance(60_000)
    expect([closed.connections.size, other.connections.size]).toEqual([0, 0])
  },
  dht: async () => {
    const node = createFakeNetwork().network.createNode()
    const swarm = new Swarm({ dht: node })
    expect(swarm.dht).toBe(node)
    await swarm.destroy()
    expect(node.destroyed).toBe(false)
  },
  'further options of hyperswarm 4': async () => {
    const options = { nodes: [], port: 0, backoffs: [1], jitter: 0, maxParallel: 3, handshakeClearWait: 1 }
    const more = { relayThrough: null, maxClientConnections: 1, maxServerConnections: 1, deferRandomPunch: true }
    const swarm = new Swarm({ bootstrap: [], host: '127.0.0.1', randomPunchInterval: 1, ...options, ...more })
    onTestFinished(() => swarm.destroy())
    expect([swarm.maxParallel, swarm.maxClientConnections, swarm.maxServerConnections]).toEqual([3, 1, 1])
  },
  'swarm.connections': async () => {
    const { client, server } = await connected()
    expect([client.connections.size, server.connections.size]).toEqual([1, 1])
  },
  'swarm.peers': async () => {
    const { client, info, server } = await connected()
    expect([...client.peers]).toEqual([[hex(server), info]])
  },
  'swarm.dht': async () => {
    const { client } = await connected()
    expect(client.dht).toBe(client.node)
  },
  connection: async () => {
    const { client, connections, server } = await connected()
    expect(new Map(connections)).toEqual(
      new Map([
        [client, server.keyPair.publicKey],
        [server, client.keyPair.publicKey]
      ])
    )
  },
  'swarm.join(topic, { server, client })': async () => {
    const { client, session, topic } = await connected()
    expect([session.isServer, session.isClient, session.topic]).toEqual([false, true, topic])
    expect(await errorOf(() => client.join('topic' as never))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  },
  'swarm.leave(topic)': async () => {
    const { client, topic } = await connected()
    await client.leave(topic)
    expect([client.status(topic), client.connections.size]).toEqual([null, 1])
  },
  'swarm.joinPeer(key)': async () => {
    const { clock, createSwarm } = createFakeNetwork()
    const [server, client] = [createSwarm(), createSwarm()]
    await server.listen()
    client.joinPeer(server.keyPair.publicKey)
    await clock.advanceUntil(() => client.connections.size === 1)
    for (const connection of server.connections) connection.destroy()
    await clock.advanceUntil(() => client.connections.size === 0)
    await clock.advanceUntil(() => client.connections.size === 1)
  },
  'swarm.leavePeer(key)': async () => {
    const { clock, createSwarm } = createFakeNetwork()
    const [server, client] = [createSwarm(), createSwarm()]
    await server.listen()
    client.joinPeer(server.keyPair.publicKey)
    await clock.advanceUntil(() => client.connections.size === 1)
    client.leavePeer(server.keyPair.publicKey)
    expect([client.connections.size, client.explicitPeers.size]).toEqual([1, 0])
    for (const connection of server.connections) connection.destroy()
    await clock.advance(60_000)
    expect(client.connections.size).toBe(0)
  },
  'swarm.status(topic)': async () => {
    const { client, topic } = await connected()
    expect(client.status(topic)?.topic).toEqual(topic)
    expect(client.status(freshTopic())).toBe(null)
  },
  'swarm.listen()': async () => {
    const { createSwarm } = createFakeNetwork()
    const swarm = createSwarm()
    await swarm.listen()
    expect(swarm.server.listening).toBe(true)
  },
  'swarm.flush()': async () => {
    const { client } = await connected()
    expect(await client.flush()).toBe(true)
  },
  'discovery.flushed()': async () => {
    const { session } = await connected()
    expect(await session.flushed()).toBe(true)
  },
  'discovery.refresh({ client, server })': async () => {
    const { network, session, topic } = await connected()
    expect(await session.refresh({ client: true, server: true })).toBe(true)
    expect(network.announced(topic)).toHaveLength(2)
  },
  'discovery.destroy()': async () => {
    const { client, session, topic } = await connected()
    await session.destroy()
    expect(client.status(topic)).toBe(null)
  },
  'peerInfo.publicKey': async () => {
    const { info, server } = await connected()
    expect(info.publicKey).toEqual(server.keyPair.publicKey)
  },
  'peerInfo.topics': async () => {
    const { info, serverInfo, topic } = await connected()
    expect([info.topics, serverInfo.topics]).toEqual([[topic], [topic]])
  },
  'peerInfo.prioritized': async () => {
    const { info } = await connected()
    expect(info.prioritized).toBe(true)
  },
  'peerInfo.ban()': async () => {
    const { client, clock, info, server } = await connected()
    info.ban()
    expect([info.banned, client.connections.size]).toEqual([true, 1])
    for (const connection of server.connections) connection.destroy()
    await clock.advance(60_000)
    expect(client.connections.size).toBe(0)
  },
  'connection errors': async () => {
    const { client, clock, server } = await connected()
    const [near] = [...client.connections]
    const [far] = [...server.connections]
    // Upstream has none either, but there the error ends the process.
    expect([near?.listenerCount('error'), far?.listenerCount('error')]).toEqual([0, 0])
    expect(await uncaught(() => near?.destroy(new Error('reset')))).toEqual([])
    await clock.advanceUntil(() => server.connections.size === 0)
  },
  'a refusal by firewall': async () => {
    let refuses = true
    const { clock, createSwarm } = createFakeNetwork()
    const topic = freshTopic()
    const [closed, other] = [
      createSwarm({ firewall: () => refuses, backoffs: [1000, 1000, 1000, 1000] }),
      createSwarm()
    ]
    for (const swarm of [closed, other]) swarm.join(topic)
    await clock.advance(10_000)
    expect(closed.stats.firewallRefusals).toBeGreaterThan(1)
    refuses = false
    await clock.advanceUntil(() => closed.connections.size === 1)
  },
  'ban event, stats.bannedPeers': async () => {
    const { clock, createSwarm } = createFakeNetwork()
    const topic = freshTopic()
    const [closed, other] = [createSwarm({ firewall: () => true }), createSwarm()]
    const bans: unknown[] = []
    closed.on('ban', (info) => bans.push(info))
    for (const swarm of [closed, other]) swarm.join(topic)
    await clock.advance(10_000)
    expect([bans.length, closed.stats.bannedPeers]).toEqual([0, 0])
    const { client, info } = await connected()
    client.on('ban', (banned) => bans.push(banned))
    info.ban()
    expect([bans, client.stats.bannedPeers]).toEqual([[info], 1])
  },
  'at most four redials': async () => {
    const { client, clock, info } = await connected({ backoffs: [100, 100, 100, 100] })
    client.on('connection', (connection) => void connection.destroy())
    for (const connection of client.connections) connection.destroy()
    await clock.advanceUntil(() => client.stats.connects.client.attempted > 6)
    expect(client.peers.get(hexOf(info.publicKey))).toBe(info)
  },
  'members that begin with _': async () => {
    const { client } = await connected()
    expect(Object.keys(client).filter((name) => /^_(discovery|queue|timer|allConnections)/.test(name))).toEqual([])
  }
})
