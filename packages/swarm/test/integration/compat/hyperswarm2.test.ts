/** Every row of the dwebswarm and hyperswarm 2 table in docs/migrating.md. */
import type { Connection } from '@swarmway/swarm'
import { expect, test, vi } from 'vitest'
import { freshTopic } from '../../../../runtime/test/support/topics.js'
import { uncaught } from '../../../../runtime/test/support/uncaught.js'
import { until } from '../../../../runtime/test/support/until.js'
import hyperswarm, { Hyperswarm2, type LegacyInfo, type LegacyPeer } from '../../../src/compat/hyperswarm2.js'
import { legacyPeer } from '../../../src/compat/peer.js'
import { compatWarnings, errorOf, next, testRows } from '../../support/migrating.js'
import { useOldNetwork } from './support.js'

const network = useOldNetwork()

/** A swarm that announces, one that looks up, and the connection between them as each side reported it. */
async function connected(options = {}) {
  const topic = freshTopic()
  const [server, client] = [network.create(), network.create(options)]
  await new Promise<void>((resolve, reject) => {
    server.join(topic, { announce: true, lookup: false }, (error) => (error ? reject(error) : resolve()))
  })
  const accepted = next<[Connection, LegacyInfo]>((listener) => server.once('connection', listener))
  const dialled = next<[Connection, LegacyInfo]>((listener) => client.once('connection', listener))
  client.join(topic, { lookup: true })
  const [[socket, info], [serverSocket, serverInfo]] = await Promise.all([dialled, accepted])
  return { topic, server, client, socket, info, serverSocket, serverInfo }
}

/** A server on a topic, a client that joins it with these options, and the client's events. */
async function discovered(options: ConstructorParameters<typeof Hyperswarm2>[0] = {}) {
  const topic = freshTopic()
  const [server, client] = [network.create(), network.create(options)]
  await server.join(topic, { announce: true, lookup: false }).flushed()
  const found: LegacyPeer[] = []
  const rejected: LegacyPeer[] = []
  client.on('peer', (peer) => found.push(peer))
  client.on('peer-rejected', (peer) => rejected.push(peer))
  client.join(topic)
  await until('the lookup has found the peer', () => found.length + rejected.length > 0)
  return { topic, server, client, found, rejected }
}

function warns(options: object): string[] {
  const codes = compatWarnings()
  network.create(options)
  network.create(options)
  return codes
}

testRows('dwebswarm and hyperswarm 2', {
  bootstrap: async () => {
    const swarm = network.create({ bootstrap: network.bootstrap(), host: '127.0.0.1' })
    expect(await swarm.join(freshTopic()).flushed()).toBe(true)
  },
  ephemeral: async () => {
    const node = (ephemeral: unknown) =>
      network.create({ bootstrap: network.bootstrap(), host: '127.0.0.1', ephemeral: ephemeral as boolean }).dht as {
        adaptive?: boolean
      }
    expect([node(true).adaptive, node(undefined).adaptive, node(null).adaptive]).toEqual([false, true, true])
    const server = network.create({ bootstrap: network.bootstrap(), host: '127.0.0.1', ephemeral: false })
    await until('it serves at once', () => (server.dht as { ephemeral?: boolean }).ephemeral === false)
  },
  maxPeers: async () => {
    expect(network.create().maxPeers).toBe(24)
    const { client } = await connected({ maxPeers: 1 })
    expect([client.maxPeers, client.open]).toEqual([1, false])
  },
  maxServerSockets: () => {
    const limits = [undefined, 0, -1, 3].map((maxServerSockets) => network.create({ maxServerSockets }))
    expect(limits.map((swarm) => swarm.maxServerConnections)).toEqual([
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      0,
      3
    ])
    const [swarm] = limits as [Hyperswarm2]
    swarm.maxServerSockets = -1
    expect([swarm.maxServerSockets, swarm.maxServerConnections]).toEqual([0, 0])
  },
  maxClientSockets: async () => {
    const limits = [undefined, 0, -1, 3].map((maxClientSockets) => network.create({ maxClientSockets }))
    expect(limits.map((swarm) => swarm.maxClientConnections)).toEqual([Number.POSITIVE_INFINITY, 0, 0, 3])
    const { client } = await discovered({ maxClientSockets: -1 })
    await client.flush()
    expect(client.connections.size).toBe(0)
    client.maxClientSockets = 1
    await until('the limit is lifted', () => client.connections.size === 1)
    expect(client.maxClientSockets).toBe(1)
  },
  'validatePeer(peer)': async () => {
    const seen: LegacyPeer[] = []
    const { client, found } = await discovered({ validatePeer: (peer) => seen.push(peer) > 99 })
    await client.flush()
    expect([client.connections.size, client.peers.size, found.length]).toEqual([0, 0, 0])
    expect(seen[0]?.publicKey.byteLength).toBe(32)
  },
  'queue.requeue': async () => {
    const { socket, client, serverInfo } = await connected({ queue: { requeue: [1300] } })
    const again = next<[Connection, LegacyInfo]>((listener) => client.once('connection', listener))
    const begun = Date.now()
    socket.destroy()
    expect((await again)[1].publicKey).toEqual(client.connections.values().next().value?.remotePublicKey)
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1290)
    expect(serverInfo.publicKey).toEqual(client.keyPair.publicKey)
  },
  'queue.forget.unresponsive': () => {
    expect(warns({ queue: { forget: { unresponsive: 5 } } })).toEqual(['SWARMWAY_COMPAT_UNRESPONSIVE'])
  },
  'queue.forget.banned': async () => {
    const { client, info } = await connected({ queue: { requeue: [10], forget: { banned: 300 } } })
    info.ban()
    expect(info.banned).toBe(true)
    await until('the ban is over', () => !info.banned)
    await until('it is dialled again', () => client.connections.size === 1)
  },
  'queue.multiplex': () => {
    expect(warns({ queue: { multiplex: true } })).toEqual([])
    expect(warns({ queue: { multiplex: false } })).toEqual(['SWARMWAY_COMPAT_MULTIPLEX'])
  },
  port: async () => {
    const swarm = network.create({ bootstrap: network.bootstrap(), host: '127.0.0.1', port: [41_000, 42_000] })
    await swarm.listen()
    const { io } = swarm.dht as unknown as { io: { serverSocket: { address(): { port: number } } } }
    expect(io.serverSocket.address().port).toBeGreaterThanOrEqual(41_000)
    expect(io.serverSocket.address().port).toBeLessThan(42_000)
  },
  id: () => expect(warns({ id: new Uint8Array(32) })).toEqual(['SWARMWAY_COMPAT_ID']),
  announcePort: () => expect(warns({ announcePort: 1 })).toEqual(['SWARMWAY_COMPAT_ANNOUNCE_PORT']),
  preferredPort: () => expect(warns({ preferredPort: 1 })).toEqual(['SWARMWAY_COMPAT_PREFERRED_PORT']),
  announceLocalAddress: () => expect(warns({ announceLocalAddress: true })).toEqual(['SWARMWAY_COMPAT_LOCAL_ADDRESS']),
  'hyperswarm(options)': async () => {
    const swarm = hyperswarm({ dht: network.createNode(), maxPeers: 3 })
    expect([swarm instanceof Hyperswarm2, hyperswarm.Swarm, swarm.maxPeers]).toEqual([true, Hyperswarm2, 3])
    await swarm.destroy()
  },
  'swarm.join(topic, { announce, lookup }, onjoin)': async () => {
    const swarm = network.create()
    const topic = freshTopic()
    await new Promise((resolve) => swarm.join(topic, resolve))
    expect(modes(swarm, topic)).toEqual([true, false])
    expect(await new Promise((resolve) => swarm.join(topic, { announce: true, lookup: false }, resolve))).toBe(null)
    await until('the first join is replaced', () => modes(swarm, topic).join() === 'false,true')
    swarm.join(topic, { announce: true })
    expect(modes(swarm, topic)).toEqual([true, true])
    const early = network.create()
    const left = new Promise<Error | null>((resolve) => early.join(topic, { announce: true }, resolve))
    await early.leave(topic)
    expect(await left).toMatchObject({ code: 'ABORTED' })
    const destroyed = new Promise<Error | null>((resolve) => early.join(topic, { announce: true }, resolve))
    await early.destroy()
    expect(await destroyed).toMatchObject({ code: 'DESTROYED' })
    expect(await errorOf(() => swarm.join(topic, { announce: 1 as never }))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(await errorOf(() => swarm.join(topic, {}, 7 as never))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(await errorOf(() => swarm.join('topic' as never))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  },
  'swarm.leave(topic, onleave)': async () => {
    const swarm = network.create()
    const topic = freshTopic()
    await swarm.join(topic, { announce: true }).flushed()
    await new Promise<void>((resolve) => void swarm.leave(topic, () => resolve()))
    expect(swarm.status(topic)).toBe(null)
    await new Promise<void>((resolve) => void swarm.leave(topic, () => resolve()))
    expect(await errorOf(() => swarm.leave(topic, 1 as never))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  },
  'swarm.status(topic)': () => {
    const swarm = network.create()
    const topic = freshTopic()
    expect(swarm.status(topic)).toBe(null)
    swarm.join(topic, { announce: true, lookup: false })
    expect([swarm.status(topic)?.announce, swarm.status(topic)?.lookup]).toEqual([true, false])
  },
  'swarm.connect(peer, callback)': async () => {
    const { client, found, server } = await discovered({ maxClientSockets: -1 })
    const [error, socket, details] = await new Promise<unknown[]>((resolve) => {
      void client.connect(found[0] as LegacyPeer, (...args) => resolve(args))
    })
    expect([error, (socket as Connection).remotePublicKey]).toEqual([null, server.keyPair.publicKey])
    expect((details as LegacyInfo).peer?.host).toBe(found[0]?.host)
    const bad = { host: '127.0.0.1', port: 1 } as LegacyPeer
    expect(await new Promise((resolve) => void client.connect(bad, resolve))).toMatchObject({
      code: 'INVALID_ARGUMENT'
    })
    expect(await errorOf(() => client.connect(new Uint8Array(32).fill(3)))).toMatchObject({ code: 'PEER_NOT_FOUND' })
    expect(await client.connect(server.keyPair.publicKey, {})).toBe(socket)
  },
  'swarm.flush(callback)': async () => {
    const { client } = await discovered()
    expect(await new Promise((resolve) => void client.flush(resolve))).toBe(null)
    expect(client.connections.size).toBe(1)
  },
  'swarm.listen(port, callback)': async () => {
    const swarm = network.create()
    expect(await new Promise((resolve) => void swarm.listen(0, resolve))).toBe(null)
    expect(await new Promise((resolve) => void swarm.listen(resolve as () => void))).toBe(null)
  },
  'swarm.connectivity(callback)': async () => {
    const swarm = network.create()
    const [error, state] = await new Promise<unknown[]>((resolve) => swarm.connectivity((...args) => resolve(args)))
    expect([error, state]).toEqual([null, { bound: true, bootstrapped: true, holepunched: true }])
  },
  'swarm.address()': async () => {
    const swarm = network.create()
    await swarm.listen()
    expect(swarm.address()).toMatchObject({ host: '127.0.0.1', port: expect.any(Number) })
  },
  'swarm.remoteAddress()': async () => {
    const swarm = network.create()
    await swarm.listen()
    await until('the node knows its address', () => swarm.remoteAddress() !== null)
    expect(swarm.remoteAddress()?.host).toBe('127.0.0.1')
  },
  'swarm.holepunchable()': async () => {
    const swarm = network.create()
    await swarm.listen()
    await until('the node knows', () => swarm.holepunchable())
  },
  'swarm.destroy(callback)': async () => {
    const swarm = network.create()
    expect(await new Promise((resolve) => void swarm.destroy(resolve))).toBe(null)
    expect(swarm.destroyed).toBe(true)
  },
  'swarm.connections': async () => {
    const { client, socket } = await connected()
    expect([...client.connections]).toEqual([socket])
  },
  'swarm.peers': async () => {
    const { client, server } = await connected()
    expect([...client.peers.values()].map((info) => info.publicKey)).toEqual([server.keyPair.publicKey])
  },
  'swarm.clientSockets, swarm.serverSockets': async () => {
    const { client, server } = await connected()
    expect([client.clientSockets, client.serverSockets, server.clientSockets, server.serverSockets]).toEqual([
      1, 0, 0, 1
    ])
  },
  'swarm.open': async () => {
    const { client } = await connected()
    expect(client.open).toBe(true)
    client.maxPeers = 1
    expect(client.open).toBe(false)
  },
  'swarm.network': () => {
    expect('network' in network.create()).toBe(false)
  },
  connection: async () => {
    const { client, server, socket, serverSocket } = await connected()
    expect([socket.remotePublicKey, serverSocket.remotePublicKey]).toEqual([
      server.keyPair.publicKey,
      client.keyPair.publicKey
    ])
    const echoed = next<[Uint8Array]>((listener) => serverSocket.once('data', listener))
    socket.write('echo')
    expect((await echoed).toString()).toBe('echo')
  },
  disconnection: async () => {
    const { client, server, socket, info, serverSocket, serverInfo } = await connected({ queue: { requeue: [60_000] } })
    const told = [client, server].map((swarm) =>
      next<[Connection, LegacyInfo]>((listener) => swarm.once('disconnection', listener))
    )
    socket.destroy()
    expect(await Promise.all(told)).toEqual([
      [socket, info],
      [serverSocket, serverInfo]
    ])
  },
  peer: async () => {
    const { client, found, server, topic } = await discovered()
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ publicKey: server.keyPair.publicKey, topic })
    await until('it is dialled as well', () => client.connections.size === 1)
  },
  'peer-rejected': async () => {
    const { found, rejected, server } = await discovered({ validatePeer: () => false })
    expect([found.length, rejected.map((peer) => peer.publicKey)]).toEqual([0, [server.keyPair.publicKey]])
  },
  updated: async () => {
    const swarm = network.create()
    const topic = freshTopic()
    const updated = next<[{ key: Uint8Array }]>((listener) => swarm.once('updated', listener))
    swarm.join(topic)
    expect(await updated).toEqual([{ key: topic }])
  },
  'join, leave': async () => {
    const swarm = network.create()
    const topic = freshTopic()
    const told: unknown[] = []
    swarm.on('join', (key, options) => told.push('join', key, options))
    swarm.on('leave', (key) => told.push('leave', key))
    swarm.join(topic, { announce: true })
    await swarm.leave(topic)
    expect(told).toEqual(['join', topic, { announce: true }, 'leave', topic])
  },
  'listening, close': async () => {
    const swarm = network.create()
    const listening = vi.fn()
    const closed = vi.fn()
    swarm.on('listening', listening).on('close', closed)
    await swarm.listen()
    await swarm.listen()
    await swarm.destroy()
    await swarm.destroy()
    expect([listening.mock.calls.length, closed.mock.calls.length]).toEqual([1, 1])
  },
  error: async () => {
    const swarm = network.create()
    await swarm.dht.destroy()
    expect(await swarm.join(freshTopic()).flushed()).toBe(false)
  },
  'peer.host, peer.port': async () => {
    const { found, server } = await discovered()
    expect([found[0]?.host, found[0]?.port]).toEqual([Buffer.from(server.keyPair.publicKey).toString('hex'), 0])
  },
  'peer.local': async () => {
    const { found } = await discovered()
    expect(found[0]?.local).toBe(false)
    const near = { publicKey: freshTopic(), relayAddresses: [{ host: '192.168.1.2', port: 3 }], local: true }
    expect(legacyPeer(near, null)).toEqual({ ...near, topic: null, host: '192.168.1.2', port: 3, referrer: null })
  },
  'peer.referrer': async () => {
    const { found } = await discovered()
    expect(found[0]?.referrer).toEqual(found[0]?.relayAddresses[0] ?? null)
    expect(found[0]?.referrer).toMatchObject({ host: '127.0.0.1', port: expect.any(Number) })
  },
  'peer.topic': async () => {
    const { found, topic } = await discovered()
    expect(found[0]?.topic).toEqual(topic)
  },
  'info.peer': async () => {
    const { info, server, serverInfo, topic } = await connected()
    expect(info.peer).toMatchObject({ publicKey: server.keyPair.publicKey, topic, local: false })
    expect(serverInfo.peer).toBe(null)
  },
  'info.type': async () => {
    const { info, serverInfo } = await connected()
    expect([info.type, serverInfo.type]).toEqual(['udx', 'udx'])
  },
  'info.client': async () => {
    const { info, serverInfo } = await connected()
    expect([info.client, serverInfo.client]).toEqual([true, false])
  },
  'info.topics, topic': async () => {
    const { client, info, server, serverInfo, topic } = await connected()
    expect([info.topics, serverInfo.topics]).toEqual([[topic], [topic]])
    const second = freshTopic()
    await server.join(second, { announce: true, lookup: false }).flushed()
    const more = next<[Uint8Array]>((listener) => info.once('topic', listener))
    client.join(second)
    expect(await more).toEqual([second])
    expect(client.connections.size).toBe(1)
  },
  'info.ban()': async () => {
    const { client, info, socket } = await connected({ queue: { requeue: [10] } })
    const closed = next<[]>((listener) => socket.once('close', listener))
    info.ban()
    await closed
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect([info.banned, client.connections.size]).toEqual([true, 0])
    const soft = await connected()
    const rest = next<[Uint8Array]>((listener) => soft.serverSocket.once('data', listener))
    soft.socket.write('last words')
    soft.info.ban(true)
    expect((await rest).toString()).toBe('last words')
    expect(soft.info.banned).toBe(true)
  },
  'info.backoff()': async () => {
    const { client, info, serverInfo, socket } = await connected({ queue: { requeue: [10, 400] } })
    expect([serverInfo.backoff(), info.backoff()]).toEqual([undefined, true])
    const again = next<[Connection, LegacyInfo]>((listener) => client.once('connection', listener))
    const begun = Date.now()
    socket.destroy()
    await again
    expect(Date.now() - begun).toBeGreaterThanOrEqual(390)
    expect([1, 2, 3, 4].map(() => info.backoff()).at(-1)).toBe(false)
  },
  'info.deduplicate(localId, remoteId)': async () => {
    const { client, info, socket } = await connected({ queue: { requeue: [60_000] } })
    expect(info.deduplicate(Buffer.from('a'), Buffer.from('b'))).toBe(false)
    expect(client.connections.size).toBe(1)
    expect(await errorOf(() => info.deduplicate('a' as never, Buffer.from('b')))).toMatchObject({
      code: 'INVALID_ARGUMENT'
    })
    expect(info.deduplicate(Buffer.from('a'), Buffer.from('a'))).toBe(true)
    await until('the connection to itself is closed', () => socket.destroyed)
  }
})

test.each([
  [{ maxServerSockets: -2 }, 'maxServerSockets'],
  [{ maxClientSockets: 1.5 }, 'maxClientSockets'],
  [{ validatePeer: true }, 'validatePeer'],
  [{ queue: 7 }, 'queue'],
  [{ queue: { requeue: [-1] } }, 'queue.requeue'],
  [{ queue: { forget: null } }, 'queue.forget'],
  [{ queue: { forget: { banned: 0 } } }, 'queue.forget.banned'],
  [null, 'options']
])('the bad option in %j is a coded TypeError that names it', async (options, name) => {
  const error = await errorOf(() => new Hyperswarm2(options as never))
  expect(error).toMatchObject({ name: 'TypeError', code: 'INVALID_ARGUMENT' })
  expect(error.message).toContain(name)
})

test('a validatePeer that throws refuses the peer, and its error is uncaught', async () => {
  const fault = new Error('mine')
  const throwing = () => {
    throw fault
  }
  const errors = await uncaught(async () => {
    const { client } = await discovered({ validatePeer: throwing })
    await client.flush()
    expect(client.connections.size).toBe(0)
  })
  expect(errors).toEqual([fault])
})

function modes(swarm: Hyperswarm2, topic: Uint8Array): (boolean | undefined)[] {
  const status = swarm.status(topic)
  return [status?.lookup, status?.announce]
}
