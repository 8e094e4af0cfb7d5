/** Every row of the tables about hyperswarm-proxy and @dswarm/proxy in docs/migrating.md. */
import { type Connection, Swarm } from '@swarmway/swarm'
import type { LegacyInfo, LegacyPeer } from '@swarmway/swarm/compat'
import b4a from 'b4a'
import { expect, onTestFinished, test, vi } from 'vitest'
import {
  HyperswarmProxyServer,
  type HyperswarmProxyServerOptions
} from '../../../../proxy-server/src/compat/hyperswarm-proxy.js'
import { freshTopic } from '../../../../runtime/test/support/topics.js'
import { until } from '../../../../runtime/test/support/until.js'
import { errorOf, next, testRows } from '../../../../swarm/test/support/migrating.js'
import { HyperswarmProxyClient, type HyperswarmProxyOptions } from '../../../src/compat/hyperswarm-proxy.js'
import { createNode, useTestnet } from '../../support/rig.js'
import { doorTo, keep } from './support.js'

const testnet = useTestnet()

/** A server and a function that makes its clients. It connects only its own clients unless it is given a network. */
async function createRig(options: HyperswarmProxyServerOptions = { dht: null }) {
  const server = keep(new HyperswarmProxyServer({ drainMs: 100, ...options }))
  const open = await doorTo(server)
  const createClient = (given: HyperswarmProxyOptions = {}) => {
    const own = given.connect === undefined && given.connection === undefined ? { connection: open() } : {}
    return keep(new HyperswarmProxyClient({ jitter: 0, backoffs: [50, 100, 1000], ...own, ...given }))
  }
  return { server, open, createClient }
}

/** A client that announces, one that looks up, and their connection. */
async function connected(options: HyperswarmProxyOptions = {}) {
  const rig = await createRig()
  const topic = freshTopic()
  const host = rig.createClient()
  await host.join(topic, { announce: true, lookup: false }).flushed()
  const client = rig.createClient(options)
  const dialled = next<[Connection, LegacyInfo]>((listener) => client.once('connection', listener))
  const accepted = next<[Connection, LegacyInfo]>((listener) => host.once('connection', listener))
  client.join(topic)
  const [[socket, info], [, hostInfo]] = await Promise.all([dialled, accepted])
  return { ...rig, topic, host, client, socket, info, hostInfo }
}

/** A client that announces, and one that is notified of it and dials only when asked to. */
async function found() {
  const rig = await createRig()
  const topic = freshTopic()
  const host = rig.createClient()
  await host.join(topic, { announce: true, lookup: false }).flushed()
  const client = rig.createClient({ autoconnect: false })
  const told = next<[LegacyPeer]>((listener) => client.once('peer', listener))
  client.join(topic)
  const [peer] = await told
  return { ...rig, topic, host, client, peer }
}

/** A native swarm on the private DHT. */
function createNative(): Swarm {
  return keep(new Swarm({ dht: testnet().createNode() }))
}

testRows('hyperswarm-proxy and @dswarm/proxy', {
  bootstrap: async () => {
    const { createClient } = await createRig({ bootstrap: testnet().bootstrap, host: '127.0.0.1' })
    const [topic, native] = [freshTopic(), createNative()]
    await native.join(topic).flushed()
    const client = createClient()
    client.join(topic)
    await until('the native peer is found', () => client.connections.size === 1)
  },
  ephemeral: async () => {
    const { server } = await createRig({ bootstrap: testnet().bootstrap, host: '127.0.0.1', ephemeral: true })
    expect((server.dht as { adaptive: boolean }).adaptive).toBe(false)
    expect(await errorOf(() => new HyperswarmProxyServer({ ephemeral: 1 as never }))).toMatchObject({
      code: 'INVALID_ARGUMENT'
    })
  },
  network: async () => {
    const swarm = createNative()
    const node = createNode(testnet().bootstrap)
    onTestFinished(() => node.destroy())
    for (const network of [swarm, node]) {
      const { server } = await createRig({ network })
      expect(server.dht).toBe(network === swarm ? swarm.dht : node)
      await server.destroy()
    }
    expect([swarm.destroyed, swarm.dht.destroyed, node.destroyed]).toEqual([false, false, false])
    expect(await errorOf(() => new HyperswarmProxyServer({ network: {} }))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  },
  'handleIncoming(socket, info)': async () => {
    const refusing = await createRig({ network: testnet().createNode() })
    expect(refusing.server.publicKey).toBe(null)
    const incoming = vi.fn((socket: Connection) => void socket.end())
    const lent = createNative()
    for (const network of [testnet().createNode(), lent]) {
      const before = incoming.mock.calls.length
      const { server, createClient } = await createRig({ network, handleIncoming: incoming })
      const [topic, native] = [freshTopic(), createNative()]
      const client = createClient()
      client.join(topic)
      await client.flush()
      native.join(topic, { server: false })
      const key = b4a.toString(server.publicKey as Uint8Array, 'hex')
      await until('the server announces itself', () => native.peers.has(key as never))
      const connection = await native.connect(server.publicKey as Uint8Array)
      expect(connection.remotePublicKey).toEqual(server.publicKey)
      await until('the server has the connection', () => incoming.mock.calls.length > before)
      await client.status(topic)?.refresh()
      expect(client.peers.size).toBe(0)
      await server.destroy()
    }
    expect(incoming.mock.calls.length).toBeGreaterThanOrEqual(2)
    expect(lent.topics().next().done).toBe(true)
    expect(lent.listenerCount('connection')).toBe(0)
    expect(await errorOf(() => new HyperswarmProxyServer({ dht: null, handleIncoming: incoming }))).toMatchObject({
      code: 'INVALID_ARGUMENT'
    })
  },
  'server.handleStream(stream, callback)': async () => {
    const { server } = await createRig()
    const session = next<unknown[]>((listener) => {
      const taking = { handleStream: (duplex: never) => server.handleStream(duplex, listener) }
      void doorTo(taking as never).then((open) => keep(new HyperswarmProxyClient({ connection: open() })))
    })
    expect(await session).toEqual([null, [...server.clients][0]])
    const denying = await createRig({ dht: null, authenticate: () => false })
    const denied = next<unknown[]>((listener) => {
      const taking = { handleStream: (duplex: never) => denying.server.handleStream(duplex, {}, listener) }
      void doorTo(taking as never).then((open) => keep(new HyperswarmProxyClient({ connection: open() })))
    })
    expect((await denied)[0]).toMatchObject({ code: 'AUTH_DENIED' })
  },
  'server.connectClientsTo(topic, port, host)': async () => {
    const { server, createClient } = await createRig({ network: testnet().createNode() })
    const [topic, native] = [freshTopic(), createNative()]
    await native.listen()
    const [client, elsewhere] = [createClient(), createClient()]
    client.join(topic)
    elsewhere.join(freshTopic())
    await Promise.all([client.flush(), elsewhere.flush()])
    const relayAddresses = [{ host: '127.0.0.1', port: 9 }]
    expect(server.connectClientsTo(topic, native.keyPair.publicKey, { relayAddresses })).toBe(1)
    await until('the client has dialled', () => client.connections.size === 1)
    expect([client.peers.values().next().value?.topics, elsewhere.connections.size]).toEqual([[topic], 0])
    expect(server.connectClientsTo(freshTopic(), native.keyPair.publicKey)).toBe(0)
    for (const bad of [[1], [topic, 80, 'host'], [topic, topic, { relayAddresses: [{ host: 'a', port: 1 }] }]]) {
      const call = () => (server.connectClientsTo as (...args: unknown[]) => number)(...bad)
      expect(await errorOf(call)).toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
  },
  'server.clients': async () => {
    const { server, client, host } = await connected()
    expect([...server.clients].map((session) => session.publicKeys)).toContainEqual([host.keyPair.publicKey])
    expect([server.clients.size, client.connected]).toEqual([2, true])
  },
  'server.destroy(callback)': async () => {
    const { server } = await createRig()
    expect(await new Promise((resolve) => void server.destroy(resolve))).toBe(null)
    expect(server.destroyed).toBe(true)
  },
  'ready, close (server)': async () => {
    const { server } = await createRig()
    const closed = vi.fn()
    server.on('close', closed)
    const early = keep(new HyperswarmProxyServer({ dht: null }))
    await next<[]>((listener) => early.once('ready', listener))
    await Promise.all([server.destroy(), server.destroy()])
    await Promise.resolve()
    expect(closed).toHaveBeenCalledTimes(1)
  },
  'error (server)': async () => {
    const { createClient, open } = await createRig()
    const link = open()
    const closed = next<unknown[]>((listener) => link.on('close', listener))
    link.write(Buffer.alloc(64, 255))
    await closed
    const client = createClient()
    await until('other clients still connect', () => client.connected)
  },
  'connection (option)': async () => {
    const { open } = await createRig()
    const client = keep(new HyperswarmProxyClient({ connection: open() }))
    await until('the client is connected', () => client.connected)
    const bad = () => new HyperswarmProxyClient({ connection: open(), connect: open })
    expect(await errorOf(bad)).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(await errorOf(() => new HyperswarmProxyClient({ connection: 7 as never }))).toHaveProperty('code')
    const reconnecting = keep(new HyperswarmProxyClient({ connect: open }))
    await until('the other client is connected', () => reconnecting.connected)
  },
  autoconnect: async () => {
    const { client, peer } = await found()
    await client.flush()
    expect(client.connections.size).toBe(0)
    const socket = await client.connect(peer)
    socket.destroy()
    await until('it has closed', () => client.connections.size === 0)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(client.connections.size).toBe(0)
    expect(await errorOf(() => new HyperswarmProxyClient({ autoconnect: 1 as never }))).toMatchObject({
      code: 'INVALID_ARGUMENT'
    })
  },
  maxPeers: async () => {
    const { createClient } = await createRig()
    const topic = freshTopic()
    for (let i = 0; i < 4; i++) await createClient().join(topic, { announce: true, lookup: false }).flushed()
    const client = createClient({ maxPeers: 2 })
    let most = 0
    client.on('update', () => {
      most = Math.max(most, client.connections.size + client.connecting)
    })
    client.join(topic)
    await client.flush()
    await until('it has as many connections as allowed', () => client.connections.size === 2)
    expect([most, createClient().maxPeers]).toEqual([2, 24])
  },
  'swarm.reconnect(stream)': async () => {
    const { open } = await createRig()
    const client = keep(new HyperswarmProxyClient())
    client.join(freshTopic())
    expect(client.connected).toBe(false)
    client.reconnect(open())
    await until('the client is connected', () => client.connected)
    expect(await client.flush()).toBe(true)
  },
  'swarm.disconnect()': async () => {
    const { client, host, open } = await connected()
    const lost = vi.fn()
    client.on('disconnected', lost)
    await client.disconnect()
    await until('its connections have closed', () => client.connections.size + host.connections.size === 0)
    expect([client.connected, client.destroyed, lost.mock.calls.length]).toEqual([false, false, 0])
    client.reconnect(open())
    await until('it is connected again', () => client.connections.size === 1)
    await client.disconnect(host.keyPair.publicKey)
    expect([client.connections.size, client.connected]).toEqual([0, true])
  },
  disconnected: async () => {
    const { createClient, open } = await createRig()
    const link = open()
    const client = createClient({ connection: link })
    await until('the client is connected', () => client.connected)
    const lost = next<[{ retryMs: number | null }]>((listener) => client.once('disconnected', listener))
    link.destroy()
    expect((await lost)[0].retryMs).toBe(null)
    client.reconnect(open())
    await until('the client is connected again', () => client.connected)
  },
  'swarm.join(topic)': async () => {
    const { createClient } = await createRig()
    const [client, topic] = [createClient(), freshTopic()]
    expect(await new Promise((resolve) => client.join(topic, resolve))).toBe(null)
    expect([client.status(topic)?.lookup, client.status(topic)?.announce]).toEqual([true, false])
    expect(await errorOf(() => client.join(new Uint8Array(20)))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  },
  'swarm.leave(topic)': async () => {
    const { client, topic } = await connected()
    await new Promise<void>((resolve) => void client.leave(topic, () => resolve()))
    expect([client.status(topic), client.connections.size]).toEqual([null, 1])
  },
  'swarm.connect(peer, callback)': async () => {
    const { client, host, hostInfo } = await found().then(async (made) => {
      const accepted = next<[Connection, LegacyInfo]>((listener) => made.host.once('connection', listener))
      const [error, socket, details] = await new Promise<unknown[]>((resolve) => {
        void made.client.connect(made.peer, (...args) => resolve(args))
      })
      expect([error, (socket as Connection).remotePublicKey]).toEqual([null, made.host.keyPair.publicKey])
      expect((details as LegacyInfo).topics).toEqual([made.topic])
      return { ...made, hostInfo: (await accepted)[1] }
    })
    expect([hostInfo.publicKey, hostInfo.topics.length]).toEqual([client.keyPair.publicKey, 1])
    const unknown = new Uint8Array(32).fill(1)
    expect(await new Promise((resolve) => void client.connect(unknown, resolve))).toMatchObject({
      code: 'PEER_NOT_FOUND'
    })
    expect(await errorOf(() => client.connect({ host: 'a', port: 1 } as never))).toMatchObject({
      code: 'INVALID_ARGUMENT'
    })
    expect(await errorOf(() => client.connect(host.keyPair.publicKey, 1 as never))).toMatchObject({
      code: 'INVALID_ARGUMENT'
    })
  },
  'swarm.flush(callback)': async () => {
    const { client } = await connected()
    expect(await new Promise((resolve) => void client.flush(resolve))).toBe(null)
    expect(await errorOf(() => client.flush(1 as never))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  },
  'swarm.status(topic)': async () => {
    const { client, topic } = await connected()
    expect([client.status(topic)?.lookup, client.status(topic)?.announce]).toEqual([true, false])
    expect(client.status(freshTopic())).toBe(null)
  },
  'swarm.connections': async () => {
    const { client, socket } = await connected()
    expect([...client.connections]).toEqual([socket])
  },
  'swarm.destroy(callback)': async () => {
    const { client } = await connected()
    expect(await new Promise((resolve) => void client.destroy(resolve))).toBe(null)
    expect(client.destroyed).toBe(true)
  },
  connection: async () => {
    const { host, socket, info } = await connected()
    expect([socket.remotePublicKey, info.publicKey]).toEqual([host.keyPair.publicKey, host.keyPair.publicKey])
  },
  disconnection: async () => {
    const { client, socket, info } = await connected()
    const lost = next<[Connection, LegacyInfo]>((listener) => client.once('disconnection', listener))
    socket.destroy()
    expect(await lost).toEqual([socket, info])
  },
  peer: async () => {
    const { host, peer, topic } = await found()
    expect(peer).toMatchObject({ publicKey: host.keyPair.publicKey, topic, port: 0, local: false })
    expect(peer.host).toBe(b4a.toString(host.keyPair.publicKey, 'hex'))
  },
  updated: async () => {
    const { createClient } = await createRig()
    const [client, topic] = [createClient(), freshTopic()]
    const updated = next<[{ key: Uint8Array }]>((listener) => client.once('updated', listener))
    client.join(topic)
    expect(await updated).toEqual([{ key: topic }])
  },
  error: async () => {
    const { createClient } = await createRig({ dht: null, authenticate: () => false })
    const client = createClient()
    const lost = next<[{ error: { code: string } }]>((listener) => client.once('disconnected', listener))
    expect((await lost)[0].error.code).toBe('AUTH_DENIED')
  },
  'details.peer': async () => {
    const { host, info, hostInfo, topic } = await connected()
    expect(info.peer).toMatchObject({ publicKey: host.keyPair.publicKey, topic })
    expect(hostInfo.peer).toBe(null)
  },
  'details.type': async () => {
    expect((await connected()).info.type).toBe('proxy')
  },
  'details.client': async () => {
    const { info, hostInfo } = await connected()
    expect([info.client, hostInfo.client]).toEqual([true, false])
  },
  'details.deduplicate()': async () => {
    const { client, info } = await connected()
    expect(info.deduplicate(Buffer.from('a'), Buffer.from('b'))).toBe(false)
    expect(client.connections.size).toBe(1)
  }
})

test('clients that a server keeps apart are still notified of the peers it names', async () => {
  const { server, createClient } = await createRig({ network: testnet().createNode(), connectClients: false })
  const [topic, native] = [freshTopic(), createNative()]
  await native.listen()
  const client = createClient()
  client.join(topic)
  await client.flush()
  expect(server.connectClientsTo(topic, native.keyPair.publicKey)).toBe(1)
  await until('the client has dialled', () => client.connections.size === 1)
})
