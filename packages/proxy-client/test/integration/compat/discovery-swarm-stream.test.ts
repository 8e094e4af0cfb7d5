/** Every row of the tables about discovery-swarm-stream in docs/migrating.md. */
import { type Connection, Swarm, topicFrom } from '@swarmway/swarm'
import b4a from 'b4a'
import { PassThrough } from 'streamx'
import { expect, test, vi } from 'vitest'
import {
  DiscoverySwarmStreamServer,
  type DiscoverySwarmStreamServerOptions
} from '../../../../proxy-server/src/compat/discovery-swarm-stream.js'
import { freshTopic } from '../../../../runtime/test/support/topics.js'
import { uncaught } from '../../../../runtime/test/support/uncaught.js'
import { until } from '../../../../runtime/test/support/until.js'
import { compatWarnings, errorOf, next, testRows } from '../../../../swarm/test/support/migrating.js'
import {
  DiscoverySwarmStreamClient,
  type DiscoverySwarmStreamOptions,
  type StreamInfo
} from '../../../src/compat/discovery-swarm-stream.js'
import { useTestnet } from '../../support/rig.js'
import { doorTo, keep } from './support.js'

const testnet = useTestnet()

/** A server, by default without a DHT, and a function that makes its clients. */
async function createRig(options: DiscoverySwarmStreamServerOptions = { dht: null }) {
  const server = keep(new DiscoverySwarmStreamServer({ drainMs: 100, ...options }))
  const open = await doorTo({ handleStream: (duplex) => server.handleConnection(duplex) })
  const createClient = (given: Partial<DiscoverySwarmStreamOptions> = {}) => {
    const own = given.connect === undefined && given.connection === undefined ? { connection: open() } : {}
    return keep(new DiscoverySwarmStreamClient({ jitter: 0, backoffs: [50, 100, 1000], ...own, ...given }))
  }
  return { server, open, createClient }
}

/** Two clients that met on a topic, and the events that each received. */
async function met(options: Partial<DiscoverySwarmStreamOptions> = {}, topic: Uint8Array | string = freshTopic()) {
  const rig = await createRig()
  const [one, other] = [rig.createClient(options), rig.createClient()]
  const told = [one, other].map((client) =>
    next<[Connection, StreamInfo]>((listener) => client.once('connection', listener))
  )
  for (const client of [one, other]) client.join(topic)
  const [[socket, info], [otherSocket, otherInfo]] = (await Promise.all(told)) as [
    [Connection, StreamInfo],
    [Connection, StreamInfo]
  ]
  return { ...rig, topic, one, other, socket, info, otherSocket, otherInfo }
}

function warns(options: DiscoverySwarmStreamServerOptions): string[] {
  const codes = compatWarnings()
  for (let i = 0; i < 2; i++) keep(new DiscoverySwarmStreamServer({ dht: null, ...options }))
  return codes
}

testRows('discovery-swarm-stream', {
  connectExistingClients: async () => {
    const { createClient } = await createRig({ dht: null, connectExistingClients: false })
    const apart = [createClient(), createClient()]
    for (const client of apart) client.join('wowcool')
    await Promise.all(apart.map((client) => client.flush()))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(apart.map((client) => client.connections.size)).toEqual([0, 0])
    const { one } = await met()
    expect(one.connections.size).toBe(1)
    const bad = () => new DiscoverySwarmStreamServer({ connectExistingClients: 1 as never })
    expect(await errorOf(bad)).toMatchObject({ code: 'INVALID_ARGUMENT' })
  },
  defaultHash: () => {
    expect(warns({ defaultHash: false })).toEqual([])
    expect(warns({ defaultHash: true })).toEqual(['SWARMWAY_COMPAT_HASH'])
  },
  defaultHandshake: () => {
    expect(warns({ defaultHandshake: false })).toEqual([])
    expect(warns({ defaultHandshake: true })).toEqual(['SWARMWAY_COMPAT_HANDSHAKE'])
  },
  'stream (server)': () => {
    expect(warns({ stream: () => {} })).toEqual(['SWARMWAY_COMPAT_STREAM'])
  },
  'swarm options': async () => {
    const { server } = await createRig({ dht: testnet().createNode(), limits: { maxClients: 1 } })
    expect(server.dht).not.toBe(null)
  },
  'swarm.handleConnection(stream)': async () => {
    const { server, createClient } = await createRig()
    const client = createClient()
    await until('the client is connected', () => client.connected)
    expect(server.clients.size).toBe(1)
  },
  'swarm.addClient(stream)': async () => {
    const { server } = await createRig()
    const open = await doorTo({ handleStream: (duplex) => server.addClient(duplex) })
    const client = keep(new DiscoverySwarmStreamClient({ connection: open() }))
    await until('the client is connected', () => client.connected)
  },
  'swarm.join(key), swarm.leave(key) (server)': async () => {
    const { server, one, topic } = await met()
    expect('join' in server || 'leave' in server).toBe(false)
    const left = next<[Uint8Array, boolean]>((listener) => server.once('topic', listener))
    await one.leave(topic)
    await one.destroy()
    for (const session of [...server.clients]) session.destroy()
    expect(await left).toEqual([topic, false])
  },
  'swarm.destroy(callback)': async () => {
    const { server } = await createRig()
    expect(await new Promise((resolve) => void server.destroy(resolve))).toBe(null)
    expect(await new Promise((resolve) => void server.close(resolve))).toBe(null)
    expect(server.destroyed).toBe(true)
  },
  'close (server)': async () => {
    const { server } = await createRig()
    const closed = vi.fn()
    server.on('close', closed)
    await server.destroy()
    await server.destroy()
    await new Promise((resolve) => setImmediate(resolve))
    expect(closed).toHaveBeenCalledTimes(1)
  },
  'connection (option)': async () => {
    const { open } = await createRig()
    const client = keep(new DiscoverySwarmStreamClient({ connection: open() }))
    await until('the client is connected', () => client.connected)
    for (const bad of [{}, undefined, { connection: 7 }, { connection: open(), connect: open }, { connect: 7 }])
      expect(await errorOf(() => new DiscoverySwarmStreamClient(bad as never))).toHaveProperty('name', 'TypeError')
  },
  stream: async () => {
    const heard = new PassThrough()
    const create = vi.fn((_info: StreamInfo, _connection: Connection): PassThrough | undefined => heard)
    const { one, socket, info, otherSocket } = await met({ stream: create })
    expect(create.mock.calls).toEqual([[info, socket]])
    // The peers meet again after the end, and a stream can be joined only once.
    create.mockReturnValue(undefined)
    const echoed = next<[Uint8Array]>((listener) => otherSocket.once('data', listener))
    otherSocket.write('through the stream and back')
    expect((await echoed).toString()).toBe('through the stream and back')
    otherSocket.destroy()
    await until('both have ended', () => heard.destroyed && one.connections.size === 0)
    const greeting = await met({ stream: (_info, connection) => connection.write('hello!') })
    const [hello] = await next<[Uint8Array]>((listener) => greeting.otherSocket.once('data', listener))
    expect(b4a.toString(hello)).toBe('hello!')
    const { open } = await createRig()
    const bad = () => new DiscoverySwarmStreamClient({ connection: open(), stream: 7 as never })
    expect(await errorOf(bad)).toMatchObject({ code: 'INVALID_ARGUMENT' })
  },
  'swarm.join(key, options, callback)': async () => {
    const { createClient } = await createRig({ dht: testnet().createNode() })
    const native = keep(new Swarm({ dht: testnet().createNode() }))
    await native.join(topicFrom('wowcool')).flushed()
    const client = createClient()
    const announced = new Promise((resolve) => client.join('wowcool', {}, resolve))
    await until('a native peer is met on the same topic', () => client.connections.size === 1)
    expect(await announced).toBe(null)
    const topic = freshTopic()
    await new Promise((resolve) => client.join(b4a.toString(topic, 'hex'), resolve))
    expect(client.status(topic)?.topic).toEqual(topic)
    for (const bad of ['', new Uint8Array(20), 7])
      expect(await errorOf(() => client.join(bad as string))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  },
  'swarm.leave(key, callback)': async () => {
    const { one, topic } = await met({}, 'wowcool')
    expect(await new Promise((resolve) => void one.leave(topic, resolve))).toBe(null)
    expect(one.status(topic)).toBe(null)
  },
  'swarm.reconnect(connection)': async () => {
    const { createClient, open } = await createRig()
    const link = open()
    const client = createClient({ connection: link })
    await new Promise((resolve) => client.join(freshTopic(), {}, resolve))
    client.on('disconnected', () => client.reconnect(open()))
    const again = next<[{ resumed: boolean }]>((listener) => client.once('connected', listener))
    link.destroy()
    expect(await again).toEqual([{ resumed: true }])
  },
  'swarm.close(callback)': async () => {
    const { one } = await met()
    expect(await new Promise((resolve) => void one.close(resolve))).toBe(null)
    expect([one.destroyed, one.connections.size]).toEqual([true, 0])
  },
  'swarm.listen()': async () => {
    const { createClient } = await createRig()
    const client = createClient()
    await client.listen()
    expect(client.server.listening).toBe(true)
  },
  'swarm.connecting, swarm.queued': async () => {
    const { one } = await met()
    expect([one.connecting, one.queued]).toEqual([0, 0])
  },
  'swarm.connected': async () => {
    const { one } = await met()
    expect([one.connected, one.connections.size]).toEqual([true, 1])
  },
  connection: async () => {
    const { other, socket, info } = await met()
    expect([socket.remotePublicKey, info.publicKey]).toEqual([other.keyPair.publicKey, other.keyPair.publicKey])
  },
  handshaking: async () => {
    const { createClient } = await createRig()
    const clients = [createClient(), createClient()]
    const told: unknown[] = []
    for (const event of ['handshaking', 'connection'] as const)
      clients[0]?.on(event, (connection, info) => told.push(event, connection, info))
    for (const client of clients) client.join('wowcool')
    await until('they have met', () => told.length > 3)
    const [, connection, info] = told
    expect(told).toEqual(['handshaking', connection, info, 'connection', connection, info])
  },
  disconnected: async () => {
    const { createClient, open } = await createRig()
    const link = open()
    const client = createClient({ connection: link })
    await until('the client is connected', () => client.connected)
    const lost = next<[object]>((listener) => client.once('disconnected', listener))
    link.destroy()
    expect((await lost)[0]).toMatchObject({ retryMs: null })
  },
  'info.type': async () => {
    expect((await met()).info.type).toBe('proxy')
  },
  'info.initiator': async () => {
    const { info, otherInfo } = await met()
    expect([info.initiator, otherInfo.initiator].sort()).toEqual([false, true])
  },
  'info.id, info.host': async () => {
    const { info, other } = await met()
    const key = b4a.toString(other.keyPair.publicKey, 'hex')
    expect([info.id, info.host]).toEqual([key, key])
  },
  'info.port': async () => {
    expect((await met()).info.port).toBe(-1)
  },
  'info.channel': async () => {
    const { info, otherInfo, topic } = await met()
    expect([info.channel, otherInfo.channel]).toEqual([topic, topic])
  }
})

test('a stream option that throws ends that connection, and its error is uncaught', async () => {
  const fault = new Error('mine')
  const throwing = () => {
    throw fault
  }
  const errors = await uncaught(async () => {
    const { socket } = await met({ stream: throwing })
    await until('it is closed', () => socket.destroyed)
  })
  expect(errors[0]).toBe(fault)
})
